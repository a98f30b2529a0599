import type { WebhookDelivery } from '../../../core/webhooks.ts';
import { type DeliveryRow, toDelivery } from '../../rows/webhook-rows.ts';
import type { DeliveryQuery } from '../../webhook-store.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { deliveryColumns } from './delivery-rows.ts';

const statuses = ['pending', 'delivered', 'failed'] as const satisfies readonly WebhookDelivery['status'][];

const selectNumber = toStatement<{ readonly number: number }>(
  'SELECT number FROM webhook_deliveries WHERE id = $1 AND organization_id = $2',
);

/**
 * A request has few deliveries: all of them are walked.
 *
 *     Index Scan Backward using webhook_deliveries_by_request on webhook_deliveries
 *       Index Cond: ((request_id = $1) AND (number < $2))
 */
export const selectDeliveriesOfRequest = toStatement<DeliveryRow>(
  `SELECT ${deliveryColumns} FROM webhook_deliveries
   WHERE request_id = $1 AND number < $2 AND organization_id = $3 AND endpoint_id = coalesce($4, endpoint_id)
     AND status = coalesce($5, status) ORDER BY number DESC LIMIT $6`,
);

/**
 * Each lane and status that matches is walked separately, numbers only.
 *
 *     Index Only Scan Backward using webhook_deliveries_by_lane on webhook_deliveries
 *       Index Cond: ((organization_id = $1) AND (endpoint_id = lane.endpoint_id) AND (status = one.status) AND (number < $4))
 */
export const selectOfLanes = toStatement<DeliveryRow>(
  `WITH page AS (
     SELECT walk.number FROM webhook_lanes AS lane CROSS JOIN unnest($3::text[]) AS one (status) CROSS JOIN LATERAL (
       SELECT number FROM webhook_deliveries AS walked
       WHERE walked.organization_id = $1 AND walked.endpoint_id = lane.endpoint_id AND walked.status = one.status
         AND walked.number < $4
       ORDER BY number DESC LIMIT $5
     ) AS walk
     WHERE lane.organization_id = $1 AND lane.endpoint_id = coalesce($2, lane.endpoint_id)
     ORDER BY walk.number DESC LIMIT $5
   )
   SELECT delivery.* FROM page CROSS JOIN LATERAL (
     SELECT ${deliveryColumns} FROM webhook_deliveries WHERE number = page.number LIMIT 1
   ) AS delivery ORDER BY delivery.number DESC`,
);

export async function listDeliveries(session: Session, query: DeliveryQuery): Promise<readonly WebhookDelivery[]> {
  const { organizationId, requestId, endpointId = null, status, limit, cursor } = query;
  const before = cursor === undefined ? undefined : await session.get(selectNumber, cursor, organizationId);
  const end = before?.number ?? Number.MAX_SAFE_INTEGER;
  const rows =
    requestId === undefined
      ? await session.all(selectOfLanes, organizationId, endpointId, status ? [status] : statuses, end, limit)
      : await session.all(selectDeliveriesOfRequest, requestId, end, organizationId, endpointId, status ?? null, limit);
  return rows.map(toDelivery);
}
