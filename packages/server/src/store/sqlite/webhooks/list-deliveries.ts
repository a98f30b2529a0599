import type { DatabaseSync } from 'node:sqlite';
import type { WebhookDelivery } from '../../../core/webhooks.ts';
import { type DeliveryRow, toDelivery } from '../../rows/webhook-rows.ts';
import type { DeliveryQuery } from '../../webhook-store.ts';
import { prepareQuery } from '../database/statement.ts';
import { deliveryColumns } from './delivery-rows.ts';

const statuses = ['pending', 'delivered', 'failed'] as const satisfies readonly WebhookDelivery['status'][];

/**
 * A request has few deliveries: all of them are walked. Otherwise each lane and status that matches is walked separately, numbers
 * only, and the walks are merged here, as in `prepareList`.
 *
 *     SEARCH webhook_deliveries USING INDEX webhook_deliveries_by_request (request_id=? AND rowid<?)
 *     SEARCH webhook_deliveries USING COVERING INDEX webhook_deliveries_by_lane (organization_id=? AND endpoint_id=? AND
 *       status=? AND rowid<?)
 */
export function prepareListDeliveries(db: DatabaseSync): (query: DeliveryQuery) => readonly WebhookDelivery[] {
  const selectNumber = prepareQuery<{ readonly number: number }>(
    db,
    'SELECT number FROM webhook_deliveries WHERE id = ? AND organization_id = ?',
  );
  const ofRequest = prepareOfRequest(db);
  const ofLanes = prepareOfLanes(db);
  return (query) => {
    const { organizationId, requestId, cursor } = query;
    const before = cursor === undefined ? undefined : selectNumber.get(cursor, organizationId)?.number;
    const end = before ?? Number.MAX_SAFE_INTEGER;
    return requestId === undefined ? ofLanes(query, end) : ofRequest({ ...query, requestId }, end);
  };
}

function prepareOfRequest(
  db: DatabaseSync,
): (query: DeliveryQuery & { readonly requestId: string }, end: number) => readonly WebhookDelivery[] {
  const select = prepareQuery<DeliveryRow>(
    db,
    `SELECT ${deliveryColumns} FROM webhook_deliveries
     WHERE request_id = ?1 AND number < ?2 AND organization_id = ?3 AND endpoint_id = coalesce(?4, endpoint_id)
       AND status = coalesce(?5, status) ORDER BY number DESC LIMIT ?6`,
  );
  return ({ organizationId, requestId, endpointId = null, status = null, limit }, end) =>
    select.all(requestId, end, organizationId, endpointId, status, limit).map(toDelivery);
}

function prepareOfLanes(db: DatabaseSync): (query: DeliveryQuery, end: number) => readonly WebhookDelivery[] {
  const selectLanes = prepareQuery<{ readonly endpoint_id: string }>(
    db,
    'SELECT endpoint_id FROM webhook_lanes WHERE organization_id = ?',
  );
  const walk = prepareQuery<{ readonly number: number }>(
    db,
    `SELECT number FROM webhook_deliveries WHERE organization_id = ? AND endpoint_id = ? AND status = ? AND number < ?
     ORDER BY number DESC LIMIT ?`,
  );
  const selectRow = prepareQuery<DeliveryRow>(db, `SELECT ${deliveryColumns} FROM webhook_deliveries WHERE number = ?`);
  return ({ organizationId, endpointId, status, limit }, end) => {
    const lanes =
      endpointId === undefined ? selectLanes.all(organizationId).map((lane) => lane.endpoint_id) : [endpointId];
    const found = lanes.flatMap((lane) =>
      statuses
        .filter((one) => status === undefined || status === one)
        .flatMap((one) => walk.all(organizationId, lane, one, end, limit)),
    );
    const numbers = found.map(({ number }) => number).sort((a, b) => b - a);
    return numbers.slice(0, limit).flatMap((number) => {
      const row = selectRow.get(number);
      return row ? [toDelivery(row)] : [];
    });
  };
}
