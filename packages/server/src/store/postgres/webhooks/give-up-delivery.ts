import type { DeliveryLane } from '../../damage/isolate-deliveries.ts';
import { advisoryLocks, lockAdvisory } from '../database/advisory-locks.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { followInLine } from './end-try.ts';

const failDelivery = toStatement<LineRow>(
  `UPDATE webhook_deliveries SET status = 'failed', due_at = NULL WHERE id = $1 AND status = 'pending'
   RETURNING organization_id, request_id, endpoint_id`,
);

interface LineRow {
  readonly organization_id: string;
  readonly request_id: string;
  readonly endpoint_id: string;
}

/** Ends a delivery that cannot be ended normally; the next one of its line follows. */
export async function giveUpDelivery(session: Session, id: string): Promise<boolean> {
  await lockAdvisory(session, advisoryLocks.webhooks);
  const row = await session.get(failDelivery, id);
  if (!row) return false;
  const { organization_id: organizationId, request_id: requestId, endpoint_id: endpointId } = row;
  await followInLine(session, { organizationId, requestId, endpointId });
  return true;
}

const selectFirst = toStatement<{ readonly id: string }>(
  `SELECT id FROM webhook_deliveries WHERE organization_id = $1 AND endpoint_id = $2 AND due_at IS NOT NULL AND due_at <= $3
   ORDER BY due_at, number LIMIT 1`,
);

export function findFirstDelivery(session: Session, { organizationId, endpointId }: DeliveryLane, now: number) {
  return session.get(selectFirst, organizationId, endpointId, now);
}
