import type { FailureCode } from '../core/failures.ts';

/** What waits, for those who watch over the service. */
export interface BacklogStore {
  /**
   * The queues, the failed requests and the outbox at this moment. It reads a row of each lane that has queued requests, and an end of an
   * index for each lane and code; it counts nothing, so it costs as much for ten requests as for a million.
   */
  read(): Promise<Backlog>;
}

export interface Backlog {
  /** The lanes (`core/service-tiers.ts`) that have queued requests, over all organizations. */
  readonly lanes: readonly LaneBacklog[];
  /** The codes with which requests have failed that are still kept and were not queued again. */
  readonly failed: readonly FailedBacklog[];
  /** When the first webhook delivery that may be sent was or will be due. `undefined`: none is pending. */
  readonly webhookDueAt: number | undefined;
}

export interface FailedBacklog {
  readonly code: FailureCode;
  /** The end of the request that was submitted first among them. */
  readonly endedAt: number;
}

export interface LaneBacklog {
  /** The model's public id with the tier, as `toLane` writes it. */
  readonly lane: string;
  /** Requests that are due. */
  readonly ready: number;
  /** All that are queued. */
  readonly queued: number;
  /** The earliest `queuedAt` among the oldest twenty of each organization: requests that were queued again have old ids and new times. */
  readonly oldestAt: number;
}
