import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { ByteRange } from './storage-driver.ts';

/**
 * The MD5 of a file, or of a part of it, in base64. Buckets of every kind compare it with the bytes that arrived, and
 * refuse those that were cut off or changed on the way. (Not all of them accept stronger checksums. This does not
 * protect against forgery.)
 */
export async function digestFile(path: string, range?: ByteRange): Promise<string> {
  const hash = createHash('md5');
  await pipeline(createReadStream(path, { ...range, highWaterMark: 256 * 1024 }), hash);
  return hash.digest('base64');
}
