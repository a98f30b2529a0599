import type { MediaStore } from '../media/media-store.ts';
import { toPictureKey, toThumbnailName } from '../media/picture-name.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { createRepeat } from '../platform/repeat.ts';
import type { Service } from '../platform/service.ts';
import type { UploadStore } from '../store/upload-store.ts';

export interface UploadSweeperOptions {
  readonly uploads: Pick<UploadStore, 'claimEnded' | 'forget'>;
  readonly media: Pick<MediaStore, 'discard'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const everyMs = 60_000;
const batch = 50;
/** Time to remove a batch; after that another process tries. */
const leaseMs = 5 * 60_000;

/** Removes uploads that no request has used in their time; the workers of all processes share the work. */
export function createUploadSweeper({ uploads, media, clock, logger }: UploadSweeperOptions): Service {
  const stopping = new AbortController();
  const sweep = async () => {
    while (!stopping.signal.aborted) {
      const names = await uploads.claimEnded({ now: clock.now(), limit: batch, leaseMs });
      if (names.length === 0) return;
      // The bytes first: whoever is killed between the two leaves a row, by which another one finds them.
      await media.discard(names.flatMap((name) => [toPictureKey(name), toPictureKey(toThumbnailName(name))]));
      await uploads.forget(names);
      logger.info({ event: 'uploads.ended', count: names.length });
      if (names.length < batch) return;
    }
  };
  const repeat = createRepeat({ event: 'uploads.unswept', pauseMs: () => everyMs, work: sweep, clock, logger });
  return {
    start: repeat.start,
    stop: () => {
      stopping.abort();
      return repeat.stop();
    },
  };
}
