import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { ByteRange } from './storage-driver.ts';

/**
 * The MD5 of a file, or of a part of it, in base64: buckets of every make compare it with what has arrived and refuse what was
 * cut off or changed on the way. (Stronger sums are not taken by all of them. It is no protection against forgery.)
 */
export async function digestFile(path: string, range?: ByteRange): Promise<string> {
  const hash = createHash('md5');
  await pipeline(createReadStream(path, { ...range, highWaterMark: 256 * 1024 }), hash);
  return hash.digest('base64');
}
