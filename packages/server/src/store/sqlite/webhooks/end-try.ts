import type { DatabaseSync } from 'node:sqlite';
import type { WebhookDelivery } from '../../../core/webhooks.ts';
import { toCalledBack, toTried } from '../../decisions/deliveries.ts';
import { type DeliveryRow, ownUrl, toDelivery } from '../../rows/webhook-rows.ts';
import type { TryEnd } from '../../webhook-store.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';
import { prepareRecordMoment } from '../events/record-moments.ts';
import { deliveryColumns } from './delivery-rows.ts';
import { preparePauseLane, prepareRefreshLane } from './webhook-lanes.ts';

/**
 * A delivered delivery stays delivered, whoever holds it now. Any other end counts only while the lease does: a late one must not
 * give the delivery to a third taker while the second has it.
 */
export function prepareEndTry(db: DatabaseSync): (delivery: WebhookDelivery, end: TryEnd) => void {
  const update = prepareCommand(
    db,
    `UPDATE webhook_deliveries SET status = ?1, tries = tries + 1, url = ?2, next_at = coalesce(?3, next_at),
       due_at = NULL, last_try = ?4
     WHERE id = ?5 AND status = 'pending' AND (?7 OR due_at = ?6)`,
  );
  const followInLine = prepareFollowInLine(db);
  const countForEndpoint = prepareCountForEndpoint(db);
  const record = prepareRecordMoment(db);

  return (delivery, end) => {
    const { status, nextAt = null, isFinal } = toTried(end);
    const { id, url, requestId, nextAt: leasedUntil } = delivery;
    const tried = JSON.stringify(end.tried);
    if (update.run(status, url, nextAt, tried, id, leasedUntil, isFinal ? 1 : 0) === 0) return;
    followInLine(delivery);
    countForEndpoint(delivery, end);
    const moment = toCalledBack(url, end);
    if (moment) record({ requestId, at: end.tried.at, moment });
  };
}

type Line = Pick<WebhookDelivery, 'organizationId' | 'requestId' | 'endpointId'>;

/** The first pending delivery of the line becomes due at its time. */
export function prepareFollowInLine(db: DatabaseSync): (line: Line) => void {
  const update = prepareCommand(
    db,
    `UPDATE webhook_deliveries SET due_at = next_at WHERE due_at IS NULL AND number = (
       SELECT number FROM webhook_deliveries WHERE request_id = ? AND endpoint_id = ? AND status = 'pending'
       ORDER BY number LIMIT 1
     )`,
  );
  const refreshLane = prepareRefreshLane(db);
  return ({ organizationId, requestId, endpointId = ownUrl }) => {
    update.run(requestId, endpointId);
    refreshLane({ organizationId, endpointId });
  };
}

function prepareCountForEndpoint(db: DatabaseSync): (delivery: WebhookDelivery, end: TryEnd) => void {
  const clear = prepareCommand(
    db,
    'UPDATE webhook_endpoints SET failures = 0, failing_since = NULL WHERE id = ? AND failures > 0',
  );
  const add = prepareCommand(
    db,
    'UPDATE webhook_endpoints SET failures = failures + 1, failing_since = coalesce(failing_since, ?) WHERE id = ?',
  );
  const pause = prepareCommand(
    db,
    'UPDATE webhook_endpoints SET paused_at = ?, pause_reason = ? WHERE id = ? AND paused_at IS NULL',
  );
  const pauseLane = preparePauseLane(db);
  return ({ organizationId, endpointId }, end) => {
    if (endpointId === undefined) return;
    if (end.kind === 'delivered') clear.run(endpointId);
    else add.run(end.tried.at, endpointId);
    if (!end.pause) return;
    const { at, reason } = end.pause;
    if (pause.run(at, reason, endpointId) > 0) pauseLane({ organizationId, endpointId }, true);
  };
}

/**
 * Goes before the later pending deliveries of its line, and after the earlier ones. A delivery that is taken stays taken, this
 * one included.
 */
export function prepareResend(
  db: DatabaseSync,
): (organizationId: string, id: string, now: number) => WebhookDelivery | undefined {
  const restart = prepareQuery<DeliveryRow>(
    db,
    `UPDATE webhook_deliveries SET status = 'pending', next_at = ?1, due_at = CASE WHEN due_at > next_at THEN due_at END
     WHERE id = ?2 AND organization_id = ?3
       AND (endpoint_id = '${ownUrl}' OR EXISTS (SELECT 1 FROM webhook_endpoints AS known WHERE known.id = endpoint_id))
     RETURNING ${deliveryColumns}`,
  );
  const holdBack = prepareCommand(
    db,
    `UPDATE webhook_deliveries SET due_at = NULL
     WHERE request_id = ? AND endpoint_id = ? AND status = 'pending' AND number > ? AND due_at = next_at`,
  );
  const followInLine = prepareFollowInLine(db);
  return (organizationId, id, now) => {
    const row = restart.get(now, id, organizationId);
    if (!row) return undefined;
    holdBack.run(row.request_id, row.endpoint_id, row.number);
    const delivery = toDelivery(row);
    followInLine(delivery);
    return delivery;
  };
}
