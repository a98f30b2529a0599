import type { Clock } from '../platform/clock.ts';
import type { RemovalStore } from '../store/removal-store.ts';
import type { MediaStore } from './media-store.ts';
import { toPictureKey, toThumbnailName } from './picture-name.ts';

export interface RemoveObjectsOptions {
  readonly removals: Pick<RemovalStore, 'claimMedia' | 'forgetMedia'>;
  readonly media: Pick<MediaStore, 'discardStored'>;
  readonly clock: Clock;
}

const batch = 100;
/** The time to remove a batch; then another process tries. */
const leaseMs = 5 * 60_000;

/**
 * Removes the bytes of what the store has removed, until nothing is left or `stopping` aborts. The bytes go before the note of them: a
 * process that is killed between the two leaves a note, by which another one removes nothing once more.
 */
export async function removeObjects(options: RemoveObjectsOptions, stopping?: AbortSignal): Promise<number> {
  const { removals, clock } = options;
  let count = 0;
  while (!stopping?.aborted) {
    const names = await removals.claimMedia({ now: clock.now(), limit: batch, leaseMs });
    await removeNamed(names, options);
    count += names.length;
    if (names.length < batch) break;
  }
  return count;
}

/** Removes the bytes of these objects, by the names that the store has noted. */
export async function removeNamed(
  names: readonly string[],
  { removals, media }: Omit<RemoveObjectsOptions, 'clock'>,
): Promise<void> {
  if (names.length === 0) return;
  await media.discardStored(names.flatMap(toStoredKeys));
  await removals.forgetMedia(names);
}

/** A picture may have a thumbnail; what has a `/` is a key itself. */
function toStoredKeys(name: string): readonly string[] {
  return name.includes('/') ? [name] : [toPictureKey(name), toPictureKey(toThumbnailName(name))];
}
