import type { MediaStore } from '../../src/media/media-store.ts';
import { PictureLosses } from '../../src/media/picture-losses.ts';
import { ManualClock } from './manual-clock.ts';

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
    removals: { isRemoved: async () => false },
    clock: new ManualClock(),
    damage: { metPicture: () => undefined },
  });
}
