import type { BatchJobRecord } from '@darkroom/protocol';
import { toMomentOrNull } from '../../platform/unix-time.ts';
import type { ListedJob } from '../../store/batch-job-store.ts';

export function toBatchJobRecord(job: ListedJob): BatchJobRecord {
  const { id, upstream, model, state, calls, open, upstreamName, createdAt, cancelledAt, endedAt, failure } = job;
  return {
    id,
    upstream,
    model,
    state,
    calls,
    open,
    upstream_name: upstreamName ?? null,
    created_at: createdAt / 1_000,
    cancelled_at: toMomentOrNull(cancelledAt),
    ended_at: toMomentOrNull(endedAt),
    message: failure?.message ?? null,
  };
}
