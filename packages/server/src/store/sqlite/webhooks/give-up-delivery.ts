import type { DatabaseSync } from 'node:sqlite';
import type { DeliveryLane } from '../../damage/isolate-deliveries.ts';
import { prepareQuery } from '../database/statement.ts';
import { prepareFollowInLine } from './end-try.ts';

/** Ends a delivery that cannot be ended normally; the next one of its line follows. */
export function prepareGiveUpDelivery(db: DatabaseSync): (id: string) => boolean {
  const fail = prepareQuery<{
    readonly organization_id: string;
    readonly request_id: string;
    readonly endpoint_id: string;
  }>(
    db,
    `UPDATE webhook_deliveries SET status = 'failed', due_at = NULL WHERE id = ? AND status = 'pending'
     RETURNING organization_id, request_id, endpoint_id`,
  );
  const followInLine = prepareFollowInLine(db);
  return (id) => {
    const row = fail.get(id);
    if (!row) return false;
    const { organization_id: organizationId, request_id: requestId, endpoint_id: endpointId } = row;
    followInLine({ organizationId, requestId, endpointId });
    return true;
  };
}

export function prepareFindFirstDelivery(
  db: DatabaseSync,
): (lane: DeliveryLane, now: number) => { readonly id: string } | undefined {
  const select = prepareQuery<{ readonly id: string }>(
    db,
    `SELECT id FROM webhook_deliveries WHERE organization_id = ? AND endpoint_id = ? AND due_at <= ?
     ORDER BY due_at LIMIT 1`,
  );
  return ({ organizationId, endpointId }, now) => select.get(organizationId, endpointId, now);
}
