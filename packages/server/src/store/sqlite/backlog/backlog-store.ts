import { failureCodes } from '../../../core/failures.ts';
import type { BacklogStore, FailedBacklog, LaneBacklog } from '../../backlog-store.ts';
import type { ReadTurn } from '../database/read-turn.ts';
import { prepareQuery } from '../database/statement.ts';

export function createBacklogStore({ reads }: { readonly reads: ReadTurn }): BacklogStore {
  const selectLanes = prepareQuery<LaneBacklog>(
    reads.db,
    `SELECT model AS lane, sum(ready) AS ready, sum(queued) AS queued, min((
       SELECT min(queued_at) FROM (
         SELECT queued_at FROM requests
         WHERE organization_id = lanes.organization_id AND model = lanes.model AND status = 'queued'
         ORDER BY id LIMIT 20
       )
     )) AS "oldestAt"
     FROM lanes WHERE queued > 0 GROUP BY model`,
  );
  const selectDue = prepareQuery<{ readonly due_at: number | null }>(
    reads.db,
    'SELECT due_at FROM webhook_lanes WHERE is_paused = 0 AND due_at IS NOT NULL ORDER BY due_at LIMIT 1',
  );
  const selectFailed = prepareQuery<FailedBacklog>(
    reads.db,
    `SELECT failure_code AS code, updated_at AS "endedAt" FROM requests
     WHERE status = 'failed' AND failure_code = ? ORDER BY id LIMIT 1`,
  );
  return {
    read: async () =>
      reads.read(() => ({
        lanes: selectLanes.all(),
        failed: failureCodes.flatMap((code) => selectFailed.get(code) ?? []),
        webhookDueAt: selectDue.get()?.due_at ?? undefined,
      })),
  };
}
