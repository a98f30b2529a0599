import type { BatchJob, BatchJobState } from '../../core/batch-jobs.ts';
import type { AttemptResult } from '../../core/image-request.ts';
import type { BatchedCall, ListedJob } from '../batch-job-store.ts';
import { toJson } from './request-rows.ts';

export interface BatchJobRow {
  readonly id: string;
  readonly upstream: string;
  readonly model: string;
  readonly calls: number;
  readonly state: BatchJobState;
  readonly created_at: number;
  readonly sent_at: number | null;
  readonly upstream_name: string | null;
  readonly leave_at: number | null;
  readonly cancelled_at: number | null;
  readonly next_at: number;
  readonly ended_at: number | null;
  readonly failure: string | null;
}

/** The columns of a `BatchJobRow`. */
export const batchJobColumns = `
  id, upstream, model, calls, state, created_at, sent_at, upstream_name, leave_at, cancelled_at, next_at, ended_at, failure`;

export function toBatchJob(row: BatchJobRow): BatchJob {
  return {
    id: row.id,
    upstream: row.upstream,
    model: row.model,
    calls: row.calls,
    state: row.state,
    createdAt: row.created_at,
    sentAt: row.sent_at ?? undefined,
    upstreamName: row.upstream_name ?? undefined,
    leaveAt: row.leave_at ?? undefined,
    cancelledAt: row.cancelled_at ?? undefined,
    nextAt: row.next_at,
    endedAt: row.ended_at ?? undefined,
    failure: row.failure === null ? undefined : JSON.parse(row.failure),
  };
}

/** The values of the columns that change: state, sent_at, upstream_name, leave_at, cancelled_at, next_at, ended_at, failure. */
export function toChangingColumns(job: BatchJob) {
  return [
    job.state,
    job.sentAt ?? null,
    job.upstreamName ?? null,
    job.leaveAt ?? null,
    job.cancelledAt ?? null,
    job.nextAt,
    job.endedAt ?? null,
    toJson(job.failure),
  ] as const;
}

export interface BatchedCallRow {
  readonly request_id: string;
  readonly number: number;
  readonly image_index: number;
  readonly result: AttemptResult | null;
  readonly lease_token: string;
  readonly batch_facts: string | null;
  /** Of the request. */
  readonly held_by: string | null;
}

export function toBatchedCall(row: BatchedCallRow): BatchedCall {
  const { request_id: requestId, number: attempt, lease_token: token } = row;
  return {
    lease: { requestId, attempt, token },
    imageIndex: row.image_index,
    facts: row.batch_facts === null ? {} : JSON.parse(row.batch_facts),
    isHeld: row.held_by === token,
    hasEnded: row.result !== null,
  };
}

export interface ListedJobRow extends BatchJobRow {
  readonly open: number;
}

/** Newest first. */
export function toListedJobs(rows: readonly ListedJobRow[], limit: number): readonly ListedJob[] {
  const jobs = rows.map((row) => ({ ...toBatchJob(row), open: row.open }));
  return jobs.toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1)).slice(0, limit);
}
