import type { SendOptions } from '@fastify/send';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** How the assets of a build are cached: an asset's name holds the hash of its bytes. */
const forGood = { maxAge: '1y', immutable: true } as const;

export interface FolderOptions {
  readonly folder: string;
  /** Ends with a slash. */
  readonly prefix: string;
  /** Left out, every file is served. */
  readonly isServed?: (name: string) => boolean;
  readonly caching?: SendOptions;
}

/** Serves the files of a folder and those of the folders in it. It may be written, and written again, while the server runs. */
export function serveFolder(app: FastifyInstance, options: FolderOptions): void {
  const { folder, prefix, isServed = () => true, caching = forGood } = options;
  app.get<{ Params: { '*': string } }>(`${prefix}*`, async (request, reply) => {
    const name = request.params['*'];
    const isSent = isFileName(name) && isServed(name) && (await sendFile(request, reply, { folder, name, caching }));
    return isSent ? reply : reply.callNotFound();
  });
}

/** Names of files that a build may have written: nothing that leads out of its folder, and nothing hidden. */
function isFileName(name: string): boolean {
  return /^[\w@~+-][\w@~+.-]*(?:\/[\w@~+-][\w@~+.-]*)*$/.test(name);
}

interface FileOptions {
  readonly folder: string;
  /** Its path in the folder, which the caller has checked. */
  readonly name: string;
  readonly caching: SendOptions;
  /** Instead of 200 or what the conditions of the call lead to. */
  readonly status?: number;
}

/** Answers with a file, or with its compressed copy beside it if the client accepts that. Resolves to `false` when there is no such file. */
export async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  { folder, name, caching, status }: FileOptions,
): Promise<boolean> {
  // With the first file: a server starts in less time.
  const { default: send } = await import('@fastify/send');
  for (const { coding, ending } of listCopies(request.headers['accept-encoding'])) {
    const sent = await send(request.raw, encodeURI(name + ending), { root: folder, index: false, ...caching });
    if (sent.type !== 'file') continue;
    reply
      .code(status ?? sent.statusCode)
      .headers(sent.headers)
      .header('x-content-type-options', 'nosniff');
    if (coding !== undefined)
      reply
        .header('content-type', toType(send.mime.getType(name)))
        .header('content-encoding', coding)
        .header('vary', 'accept-encoding');
    reply.send(sent.stream);
    return true;
  }
  return false;
}

function toType(type: string | null): string {
  if (type === null) return 'application/octet-stream';
  return /^text\/|^application\/(?:javascript|json)$/.test(type) ? `${type}; charset=utf-8` : type;
}

/** The compressed copies that the client accepts, the best one first, and the file itself. */
function listCopies(accepted = '') {
  const copies = compressed.filter(({ coding }) =>
    new RegExp(`\\b${coding}\\b(?!\\s*;\\s*q=0(?:\\.0*)?\\s*(?:,|$))`).test(accepted),
  );
  return [...copies, { coding: undefined, ending: '' }];
}

const compressed = [
  { coding: 'br', ending: '.br' },
  { coding: 'gzip', ending: '.gz' },
] as const;
