import path from 'node:path';
import type { FastifyStaticOptions } from '@fastify/static';

/** How the assets of a build are served, which Vite has written to `assets` in its folder. */
export function toAssetOptions(folder: string, prefix: string): FastifyStaticOptions {
  return {
    root: path.join(folder, 'assets'),
    prefix,
    suppressWarning: true,
    index: false,
    preCompressed: true,
    // An asset's name holds the hash of its bytes.
    maxAge: '1y',
    immutable: true,
    setHeaders: (reply) => void reply.header('x-content-type-options', 'nosniff'),
  };
}
