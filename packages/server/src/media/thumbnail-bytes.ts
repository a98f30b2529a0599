import { buffer } from 'node:stream/consumers';
import { MediaUnreadableError } from './media-errors.ts';
import type { MediaStore } from './media-store.ts';

/** So much of a WebP file says how long the whole is. */
const headBytes = 12;

/** No WebP file is shorter. */
const leastBytes = 20;

/**
 * How long the stored thumbnail of this name was when it was made, by its own head alone: no row tells. `undefined` when there is
 * none. One without a readable head had at least the least. Rejects with `MediaUnreadableError`.
 */
export async function readThumbnailBytes(
  media: Pick<MediaStore, 'find' | 'open'>,
  name: string,
): Promise<number | undefined> {
  const found = await media.find(name);
  if (!found) return undefined;
  if (found.bytes < headBytes) return leastBytes;
  const opened = await media.open(name, { start: 0, end: headBytes - 1 });
  if (!opened) return undefined;
  const head = await buffer(opened.stream).catch((cause: unknown) => {
    throw new MediaUnreadableError('A thumbnail broke off on its way from the storage.', { cause });
  });
  const isWebp = head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, headBytes) === 'WEBP';
  return isWebp ? head.readUInt32LE(4) + 8 : leastBytes;
}
