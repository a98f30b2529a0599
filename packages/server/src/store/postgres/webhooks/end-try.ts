import type { WebhookDelivery } from '../../../core/webhooks.ts';
import { toCalledBack, toTried } from '../../decisions/deliveries.ts';
import { type DeliveryRow, ownUrl, toDelivery } from '../../rows/webhook-rows.ts';
import type { TryEnd } from '../../webhook-store.ts';
import { advisoryLocks, lockAdvisory } from '../database/advisory-locks.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { lockTail, recordMoments } from '../events/record-moments.ts';
import { deliveryColumns } from './delivery-rows.ts';
import { pauseLane, refreshLanes } from './webhook-lanes.ts';

const updateTried = toStatement(
  `UPDATE webhook_deliveries SET status = $1, tries = tries + 1, url = $2, next_at = coalesce($3, next_at), due_at = NULL,
     last_try = $4
   WHERE id = $5 AND status = 'pending' AND ($7 OR due_at = $6)`,
);

/**
 * A delivered delivery stays delivered, whoever holds it now. Any other end counts only while the lease does: a late one must not
 * give the delivery to a third taker while the second has it. The event counter is locked first, because it comes before
 * webhooks.
 */
export async function endTry(session: Session, delivery: WebhookDelivery, end: TryEnd): Promise<void> {
  await lockTail(session);
  await lockAdvisory(session, advisoryLocks.webhooks);
  const { status, nextAt = null, isFinal } = toTried(end);
  const { id, url, requestId, nextAt: leasedUntil } = delivery;
  const tried = JSON.stringify(end.tried);
  if ((await session.run(updateTried, status, url, nextAt, tried, id, leasedUntil, isFinal)) === 0) return;
  await followInLine(session, delivery);
  await countForEndpoint(session, delivery, end);
  const moment = toCalledBack(url, end);
  if (moment) await recordMoments(session, [{ requestId, at: end.tried.at, moment }]);
}

/** The first pending delivery of the line becomes due at its time. */
const updateFirstInLine = toStatement(
  `UPDATE webhook_deliveries SET due_at = next_at WHERE due_at IS NULL AND number = (
     SELECT number FROM webhook_deliveries WHERE request_id = $1 AND endpoint_id = $2 AND status = 'pending'
     ORDER BY number LIMIT 1
   )`,
);

type Line = Pick<WebhookDelivery, 'organizationId' | 'requestId' | 'endpointId'>;

export async function followInLine(
  session: Session,
  { organizationId, requestId, endpointId = ownUrl }: Line,
): Promise<void> {
  await session.run(updateFirstInLine, requestId, endpointId);
  await refreshLanes(session, [{ organizationId, endpointId }]);
}

const clearFailures = toStatement(
  'UPDATE webhook_endpoints SET failures = 0, failing_since = NULL WHERE id = $1 AND failures > 0',
);
const addFailure = toStatement(
  'UPDATE webhook_endpoints SET failures = failures + 1, failing_since = coalesce(failing_since, $1) WHERE id = $2',
);
const pauseEndpoint = toStatement(
  'UPDATE webhook_endpoints SET paused_at = $1, pause_reason = $2 WHERE id = $3 AND paused_at IS NULL',
);

async function countForEndpoint(
  session: Session,
  { organizationId, endpointId }: WebhookDelivery,
  end: TryEnd,
): Promise<void> {
  if (endpointId === undefined) return;
  if (end.kind === 'delivered') await session.run(clearFailures, endpointId);
  else await session.run(addFailure, end.tried.at, endpointId);
  if (!end.pause) return;
  const { at, reason } = end.pause;
  if ((await session.run(pauseEndpoint, at, reason, endpointId)) > 0) {
    await pauseLane(session, { organizationId, endpointId }, true);
  }
}

const restart = toStatement<DeliveryRow>(
  `UPDATE webhook_deliveries SET status = 'pending', next_at = $1, due_at = CASE WHEN due_at > next_at THEN due_at END
   WHERE id = $2 AND organization_id = $3 AND (endpoint_id = '${ownUrl}' OR EXISTS (
     SELECT 1 FROM webhook_endpoints AS known WHERE known.id = endpoint_id
   )) RETURNING ${deliveryColumns}`,
);
const holdBack = toStatement(
  `UPDATE webhook_deliveries SET due_at = NULL
   WHERE request_id = $1 AND endpoint_id = $2 AND status = 'pending' AND number > $3 AND due_at = next_at`,
);

/**
 * Goes before the later pending deliveries of its line, and after the earlier ones. A delivery that is taken stays taken, this
 * one included.
 */
export async function resend(
  session: Session,
  { organizationId, id, now }: { readonly organizationId: string; readonly id: string; readonly now: number },
): Promise<WebhookDelivery | undefined> {
  await lockAdvisory(session, advisoryLocks.webhooks);
  const row = await session.get(restart, now, id, organizationId);
  if (!row) return undefined;
  await session.run(holdBack, row.request_id, row.endpoint_id, row.number);
  const delivery = toDelivery(row);
  await followInLine(session, delivery);
  return delivery;
}
