import type { DeliveryLane } from '../../damage/isolate-deliveries.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

export const upsertLanes = toStatement(
  `INSERT INTO webhook_lanes (organization_id, endpoint_id, due_at)
   SELECT organization_id, endpoint_id, (
     SELECT due_at FROM webhook_deliveries WHERE webhook_deliveries.organization_id = lane.organization_id
       AND webhook_deliveries.endpoint_id = lane.endpoint_id AND due_at IS NOT NULL ORDER BY due_at LIMIT 1
   )
   FROM (SELECT DISTINCT * FROM unnest($1::text[], $2::text[])) AS lane (organization_id, endpoint_id)
   ON CONFLICT (organization_id, endpoint_id) DO UPDATE SET
     due_at = CASE WHEN excluded.due_at IS NOT NULL THEN greatest(webhook_lanes.served_at, excluded.due_at) END`,
);

/** Call it after every write that makes another delivery of a lane the first, or that changes when the first is due. */
export async function refreshLanes(session: Session, lanes: readonly DeliveryLane[]): Promise<void> {
  await session.run(
    upsertLanes,
    lanes.map(({ organizationId }) => organizationId),
    lanes.map(({ endpointId }) => endpointId),
  );
}

const upsertPaused = toStatement(
  `INSERT INTO webhook_lanes (organization_id, endpoint_id, is_paused) VALUES ($1, $2, $3)
   ON CONFLICT (organization_id, endpoint_id) DO UPDATE SET is_paused = excluded.is_paused`,
);

export async function pauseLane(session: Session, lane: DeliveryLane, isPaused: boolean): Promise<void> {
  await session.run(upsertPaused, lane.organizationId, lane.endpointId, isPaused);
}
