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
/** The time to remove a batch; then another process tries. */
const leaseMs = 5 * 60_000;

/** Removes uploads that no request has used in their time; the workers of all processes share the work. */
export function createUploadSweeper({ uploads, media, clock, logger }: UploadSweeperOptions): Service {
  const sweep = async (stopping: AbortSignal) => {
    while (!stopping.aborted) {
      const names = await uploads.claimEnded({ now: clock.now(), limit: batch, leaseMs });
      if (names.length === 0) return;
      // The bytes first: a process that is killed between the two leaves a row, by which another one finds them.
      await media.discard(names.flatMap((name) => [toPictureKey(name), toPictureKey(toThumbnailName(name))]));
      await uploads.forget(names);
      logger.info({ event: 'uploads.ended', count: names.length });
      if (names.length < batch) return;
    }
  };
  return createRepeat({ event: 'uploads.unswept', everyMs, work: sweep, clock, logger });
}
