import type { FastifyInstance } from 'fastify';
import type { KeyScheme } from './auth.ts';
import type { ToErrorReply } from './error-reply.ts';
import type { Gates } from './gates.ts';
import type { OpenApiPart } from './openapi/document.ts';

/** Calls that are made with an API key, as a part that the app mounts: a wire, or the operator's calls. */
export interface Mount {
  /** In the log. */
  readonly name: string;
  readonly scopes: readonly MountScope[];
  /** Its own address for another spelling of it, which clients are known to use; left out: there is none. */
  readonly toFullPath?: (url: string) => string;
  /** How its calls bring their key; left out: `Authorization: Bearer KEY`. */
  readonly keyScheme?: KeyScheme;
  /** Do its calls need an admin key? */
  readonly isForAdmins?: boolean;
  /** Of one body; left out: the house's limit. */
  readonly maxBodyBytes?: number;
  /** Writes every refusal of its routes. */
  readonly toErrorReply: ToErrorReply;
  readonly openApi: OpenApiPart;
}

export interface MountScope {
  readonly prefix: string;
  /** Registers routes on a scope of the prefix, on which `request.caller` is known. */
  register(scope: FastifyInstance, gates: Gates): void;
}
