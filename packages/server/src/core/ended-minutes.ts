import type { RequestStatus } from '@darkroom/protocol';
import { isFinal, type RequestEvent, toStatus } from './request-events.ts';

/** How many requests of all organizations ended within a minute. A request that was queued again and ends again counts twice. */
export interface EndedMinute {
  /** Where the minute begins, in milliseconds since 1970. */
  readonly at: number;
  readonly success: number;
  readonly failed: number;
  readonly cancelled: number;
}

export const minuteMs = 60_000;

/** Where the minute of a time begins. */
export function toMinute(at: number): number {
  return Math.floor(at / minuteMs) * minuteMs;
}

/** What moments add to their minutes; moments with which no request ends add nothing. */
export function countEnded(events: readonly Pick<RequestEvent, 'at' | 'moment'>[]): readonly EndedMinute[] {
  const ends = events.filter(({ moment }) => isFinal(moment));
  const minutes = Map.groupBy(ends, ({ at }) => toMinute(at));
  return [...minutes].map(([at, same]) => {
    const statuses = same.map(({ moment }) => toStatus(moment));
    const count = (status: RequestStatus) => statuses.filter((one) => one === status).length;
    return { at, success: count('success'), failed: count('failed'), cancelled: count('cancelled') };
  });
}
