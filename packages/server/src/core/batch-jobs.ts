import type { Failure } from './failures.ts';

/**
 * A job of an upstream: many calls of one model that wait there together, in the batch tier. Its row is written before the upstream
 * is asked for it, and outlives every process. Times are milliseconds since 1970.
 */
export interface BatchJob {
  /** By which the upstream's list of jobs names it, too: a job whose answer was lost is found again by it. */
  readonly id: string;
  /** The name of the upstream. */
  readonly upstream: string;
  /** The upstream's id of the model. */
  readonly model: string;
  /** How many calls it was begun with. */
  readonly calls: number;
  readonly state: BatchJobState;
  readonly createdAt: number;
  /** When the upstream was asked for it; `undefined`: it has not been, so that the upstream cannot have it. */
  readonly sentAt: number | undefined;
  /** The upstream's name of it, once that is known. */
  readonly upstreamName: string | undefined;
  /** When the first of its requests has to leave it, to be made in a dearer tier before its deadline. */
  readonly leaveAt: number | undefined;
  /** When the upstream was asked to cancel it. */
  readonly cancelledAt: number | undefined;
  /** When to look at it again. */
  readonly nextAt: number;
  readonly endedAt: number | undefined;
  /** What was wrong when it was looked at last. */
  readonly failure: Failure | undefined;
}

/**
 * `begun`: written here, and perhaps sent. `pending`, `running`: as the upstream says. The others have ended; `missing`: the
 * upstream does not have it.
 */
export const batchJobStates = [
  'begun',
  'pending',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'expired',
  'missing',
] as const;
export type BatchJobState = (typeof batchJobStates)[number];

/** When a lane has enough requests for a job. */
export interface GatheringRules {
  /** A lane with this many requests, and a job with this many calls, is full. */
  readonly maxRequests: number;
  /** A job is begun no later than this after its first request became ready, in milliseconds. */
  readonly maxWaitMs: number;
}

/** What waits in the batch lane of a model. */
export interface GatheredLane {
  readonly lane: string;
  /** The number of ready requests; counted up to a limit. */
  readonly requests: number;
  /** Since when the first of them is ready. */
  readonly since: number;
}

/** When a job of the lane is to be begun. */
export function toBeginAt(
  { requests, since }: Pick<GatheredLane, 'requests' | 'since'>,
  { maxRequests, maxWaitMs }: GatheringRules,
): number {
  return requests >= maxRequests ? since : since + maxWaitMs;
}

/**
 * The upstream may show a job this long after it was asked for it at the latest, though the connection broke or the process was
 * killed. A job that its list does not have by then was never made.
 */
export const appearsWithinMs = 600_000;

/** An upstream's cancel takes a while: a request leaves a job this long before the time of its next tier begins. */
export const leavingMs = 900_000;

const shortestPauseMs = 1_000;
const longestPauseMs = 300_000;

/** How long to wait before the job is looked at again: a tenth of its age, so that short jobs end soon and long ones cost few calls. */
export function toLookPauseMs({ createdAt }: Pick<BatchJob, 'createdAt'>, now: number): number {
  return Math.min(longestPauseMs, Math.max(shortestPauseMs, (now - createdAt) / 10));
}
