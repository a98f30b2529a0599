import { createLogger } from '../platform/logger.ts';
import { ManualClock } from '../platform/manual-clock.ts';
import type { MediaStore } from './media-store.ts';
import { PictureLosses } from './picture-losses.ts';

/** For tests: rows name pictures of these lengths, and no others. */
export function createLosses(media: MediaStore, lengths: ReadonlyMap<string, number> = new Map()): PictureLosses {
  return new PictureLosses({
    media,
    store: {
      findPicture: async (name) => {
        const bytes = lengths.get(name);
        return bytes === undefined ? undefined : { name, bytes };
      },
    },
    clock: new ManualClock(),
    logger: createLogger('silent'),
  });
}
