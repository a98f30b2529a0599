import { failureCodes } from '../../../core/failures.ts';
import type { BacklogStore, FailedBacklog, LaneBacklog } from '../../backlog-store.ts';
import type { Database } from '../database/database.ts';
import { toStatement } from '../database/statement.ts';

/** Differs because a sum of `bigint` is a `numeric`, which the driver returns as text. */
const selectLanes = toStatement<LaneBacklog>(
  `SELECT lanes.model AS lane, sum(lanes.ready)::bigint AS ready, sum(lanes.queued)::bigint AS queued,
     min(first.queued_at) AS "oldestAt"
   FROM lanes CROSS JOIN LATERAL (
     SELECT min(queued_at) AS queued_at FROM (
       SELECT queued_at FROM requests
       WHERE organization_id = lanes.organization_id AND model = lanes.model AND status = 'queued'
       ORDER BY id LIMIT 20
     ) AS oldest
   ) AS first
   WHERE lanes.queued > 0 GROUP BY lanes.model`,
);

/** Differs because a call for each code would cost a turn of the network each. */
const selectFailed = toStatement<FailedBacklog>(
  `SELECT codes.code AS code, first.updated_at AS "endedAt"
   FROM unnest($1::text[]) AS codes (code) CROSS JOIN LATERAL (
     SELECT updated_at FROM requests
     WHERE status = 'failed' AND failure_code = codes.code ORDER BY id LIMIT 1
   ) AS first`,
);

const selectDue = toStatement<{ readonly due_at: number | null }>(
  'SELECT due_at FROM webhook_lanes WHERE NOT is_paused AND due_at IS NOT NULL ORDER BY due_at LIMIT 1',
);

export function createBacklogStore(db: Database): BacklogStore {
  return {
    read: () =>
      db.snapshot(async (session) => ({
        lanes: await session.all(selectLanes),
        failed: await session.all(selectFailed, failureCodes),
        webhookDueAt: (await session.get(selectDue))?.due_at ?? undefined,
      })),
  };
}
