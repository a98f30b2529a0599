import { buffer } from 'node:stream/consumers';
import { MediaUnreadableError } from './media-errors.ts';
import type { MediaStore } from './media-store.ts';

/** How many bytes of a WebP file it takes to read the length of the whole file. */
const headBytes = 12;

/** No WebP file is shorter. */
const leastBytes = 20;

/**
 * The length of the stored thumbnail of this name when it was made, according to its own head, because no row records
 * it. `undefined` when there is none. A thumbnail without a readable head had at least the minimum. Rejects with
 * `MediaUnreadableError`.
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
