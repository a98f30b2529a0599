import { createHash } from 'node:crypto';
import type { StoredPicture } from '../core/stored-picture.ts';
import { hasContentCredentials } from './codec/content-credentials.ts';
import { JpegWalk } from './codec/jpeg-walk.ts';
import type { HeadedPicture } from './codec/picture-codec.ts';
import { readPieces } from './sha256.ts';

/** What the bytes of a picture say, from one reading of its file. */
export interface PictureFacts {
  readonly kept: Pick<StoredPicture, 'sha256' | 'hasCredentials'>;
  /** Is it known, without decoding it, that the picture is whole? */
  readonly isWhole: boolean;
}

export async function readPictureFacts({ file, head }: HeadedPicture): Promise<PictureFacts> {
  const hash = createHash('sha256');
  const walk = head.type === 'image/jpeg' ? new JpegWalk() : undefined;
  for await (const piece of readPieces(file.path)) {
    hash.update(piece);
    walk?.take(piece);
  }
  const hasCredentials = walk ? walk.hasManifest : await hasContentCredentials(file.path, head.type);
  const kept = { sha256: hash.digest('hex'), ...(hasCredentials && { hasCredentials }) };
  return { kept, isWhole: walk?.isWhole ?? false };
}
