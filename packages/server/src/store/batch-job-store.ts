import type { BatchJob, GatheredLane } from '../core/batch-jobs.ts';
import type { Lease } from '../core/image-request.ts';
import type { ExpiredClaim } from './request-store.ts';

/**
 * Batch jobs, and the calls that wait in them. A claim grants the calls as it grants all others; `begin` hands its lease to a job.
 * The request is `processing` from then on, its lease runs out only when its calls have ended, and whoever holds the job settles it
 * with `RequestStore.settle`. Writes are atomic, and durable before they resolve.
 */
export interface BatchJobStore {
  /** What waits in these lanes; lanes in which nothing is ready are left out. Requests are counted up to `limit`. */
  waiting(lanes: readonly string[], limit: number): Promise<readonly GatheredLane[]>;

  /**
   * Writes the row of a job, marks the calls of its claims as sent, and gives the leases to the job. Claims whose lease is lost, or
   * whose images an earlier attempt has brought, are left out. Resolves to the leases that the job has now, and to none, writing
   * nothing, when all are left out. Whoever begins a job holds it.
   */
  begin(job: NewBatchJob): Promise<readonly Lease[]>;

  /**
   * Takes up to `limit` jobs of these upstreams that are due and that nobody holds. No job is ever given to two holders at the same
   * time, until the lease of the first has run out.
   */
  take(query: TakeJobsQuery): Promise<readonly HeldJob[]>;

  /**
   * Writes the job as it is given, while its token holds it; resolves to whether it does. `until`: the end of its lease; left out: it
   * is not held any more.
   */
  keep(job: HeldJob, lease?: { readonly until: number }): Promise<boolean>;

  /**
   * The calls of the job that have not ended, and those whose request still waits for the end of its attempt, in the order of their
   * requests and images. The cost grows only with the size of the job.
   */
  openCalls(jobId: string): Promise<readonly BatchedCall[]>;

  /** The request of a batched call, of whatever organization, with its order and its whole attempt log. */
  findClaim(requestId: string): Promise<ExpiredClaim | undefined>;

  /** The jobs that have not ended, and the newest of those that have; at most `limit`, newest first. */
  list(limit: number): Promise<readonly ListedJob[]>;

  /** Forgets up to `limit` jobs that have ended before this time. Resolves to how many. */
  forget(query: { readonly before: number; readonly limit: number }): Promise<number>;
}

export interface NewBatchJob extends Pick<BatchJob, 'id' | 'upstream' | 'model' | 'createdAt' | 'leaveAt'> {
  readonly token: string;
  readonly leaseUntil: number;
  readonly claims: readonly BatchedClaim[];
}

/** A claim whose calls are to wait in a job. */
export interface BatchedClaim {
  readonly lease: Lease;
  readonly imageIndexes: readonly number[];
  readonly facts: CallFacts;
}

/** What was decided when the call was prepared, and is part of its answer. */
export interface CallFacts {
  /** What the moderation said when it let the request pass with a flag. */
  readonly flag?: string;
  readonly leftOutTurns?: readonly number[];
  readonly reducedPictures?: number;
}

export interface TakeJobsQuery {
  readonly upstreams: readonly string[];
  readonly limit: number;
  readonly now: number;
  readonly leaseMs: number;
}

/** A job with the token of its lease. */
export interface HeldJob extends BatchJob {
  readonly token: string;
}

/** One call that waits in a job. */
export interface BatchedCall {
  readonly lease: Lease;
  readonly imageIndex: number;
  readonly facts: CallFacts;
  /** Does its request still wait for it? Not when it was cancelled, or its deadline came. */
  readonly isHeld: boolean;
  /** Whoever wrote its end was killed before the end of the attempt. */
  readonly hasEnded: boolean;
}

export interface ListedJob extends BatchJob {
  /** Its calls that have not ended. */
  readonly open: number;
}

/** No clock reaches it: leases that a job has are not rescued. */
export const heldByJob = Number.MAX_SAFE_INTEGER;
