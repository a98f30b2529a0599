import type { DatabaseSync } from 'node:sqlite';
import type { DeliveryLane } from '../../damage/isolate-deliveries.ts';
import { prepareCommand } from '../database/statement.ts';

/** Call it after every write that makes another delivery of the lane the first, or that changes when the first is due. */
export function prepareRefreshLane(db: DatabaseSync): (lane: DeliveryLane) => void {
  const upsert = prepareCommand(
    db,
    `INSERT INTO webhook_lanes (organization_id, endpoint_id, due_at) VALUES (?1, ?2, (
       SELECT due_at FROM webhook_deliveries WHERE organization_id = ?1 AND endpoint_id = ?2 AND due_at IS NOT NULL
       ORDER BY due_at LIMIT 1
     ))
     ON CONFLICT (organization_id, endpoint_id) DO UPDATE SET due_at = max(served_at, excluded.due_at)`,
  );
  return ({ organizationId, endpointId }) => {
    upsert.run(organizationId, endpointId);
  };
}

export function preparePauseLane(db: DatabaseSync): (lane: DeliveryLane, isPaused: boolean) => void {
  const upsert = prepareCommand(
    db,
    `INSERT INTO webhook_lanes (organization_id, endpoint_id, is_paused) VALUES (?, ?, ?)
     ON CONFLICT (organization_id, endpoint_id) DO UPDATE SET is_paused = excluded.is_paused`,
  );
  return ({ organizationId, endpointId }, isPaused) => {
    upsert.run(organizationId, endpointId, isPaused ? 1 : 0);
  };
}
