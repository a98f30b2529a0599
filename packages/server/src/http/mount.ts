import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { KeyScheme } from './auth.ts';
import type { ToErrorReply } from './error-reply.ts';
import type { Gates } from './gates.ts';
import type { OpenApiPart } from './openapi/document.ts';

/** A part that the app mounts, whose calls are made with an API key: a wire, or the operator's calls. */
export interface Mount {
  /** Names it in the log. */
  readonly name: string;
  readonly scopes: readonly MountScope[];
  /** Returns the intended address, when some clients write it in another way; other addresses stay as they are. */
  readonly toFullPath?: (url: string, headers: IncomingHttpHeaders) => string;
  /** How its calls send their key; when left out: `Authorization: Bearer KEY`. */
  readonly keyScheme?: KeyScheme;
  /** Do its calls need an admin key? */
  readonly isForAdmins?: boolean;
  /** The limit of one body; when left out: the house's. */
  readonly maxBodyBytes?: number;
  /** Writes the refusals of its routes. The house refuses addresses that do not exist. */
  readonly toErrorReply: ToErrorReply;
  readonly openApi: OpenApiPart;
}

export interface MountScope {
  readonly prefix: string;
  /** Do its calls come without a key? An address that was given out is their permission; `request.caller` is then unknown. */
  readonly isKeyless?: boolean;
  /** Registers its routes; in each of them `request.caller` is known. */
  register(scope: FastifyInstance, gates: Gates): void | Promise<void>;
}
