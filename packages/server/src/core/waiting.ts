import { failureKinds } from './failures.ts';
import type { ImageRequest } from './image-request.ts';
import type { Room } from './upstream-pool.ts';

/** Why a queued request is not being processed. */
export interface Waiting {
  /**
   * `turn`: others come first. `retry`: a try has failed, and the next one is not due. `upstream`: every upstream rests.
   * `limit`: every upstream is at its limits. `operator`: the model or its upstreams are paused, or no upstream serves it.
   */
  readonly reason: 'turn' | 'retry' | 'upstream' | 'limit' | 'operator';
  /** A sentence. */
  readonly message: string;
  /** When that may be over, if known. */
  readonly until?: number;
}

/** `rooms`: the room on each upstream that serves the request's model. */
export function toWaiting(
  { availableAt, retryCode, tier }: Pick<ImageRequest, 'availableAt' | 'retryCode' | 'tier'>,
  { rooms, now }: { readonly rooms: readonly Room[]; readonly now: number },
): Waiting {
  if (rooms.length === 0) return { reason: 'operator', message: 'No upstream serves this model.' };
  const closed = rooms.flatMap((room) => (room.kind === 'closed' ? [room] : []));
  // Of several upstreams, the one that opens first; one that names no time may open at any moment.
  const [first] = closed.sort((a, b) => (a.until ?? now) - (b.until ?? now));
  if (first && closed.length === rooms.length) {
    const { reason, message, until } = first;
    return { reason, message, ...(until !== undefined && { until }) };
  }
  if (availableAt <= now) {
    const message = tier === 'batch' ? 'It waits for others, to be made in a batch job.' : 'Other requests come first.';
    return { reason: 'turn', message };
  }
  const why = retryCode === undefined ? 'The request is not due yet.' : failureKinds[retryCode].meaning;
  return { reason: 'retry', message: why, until: availableAt };
}
