import type { WebhookDelivery, WebhookEvent } from '../../core/webhooks.ts';
import { ownUrl } from './webhook-lanes.ts';

/**
 * The columns of a `DeliveryRow`, in a SELECT from `webhook_deliveries` or after a RETURNING. What is still to be delivered
 * goes where its endpoint is now.
 */
export const deliveryColumns = `
  number, id, organization_id, request_id, endpoint_id, event, seq, status, tries, created_at, last_try,
  CASE status WHEN 'pending' THEN coalesce(due_at, next_at) ELSE next_at END AS next_at,
  coalesce((
    SELECT endpoint.url FROM webhook_endpoints AS endpoint
    WHERE endpoint.id = webhook_deliveries.endpoint_id AND webhook_deliveries.status = 'pending'
  ), url) AS url`;

export interface DeliveryRow {
  readonly number: number;
  readonly id: string;
  readonly organization_id: string;
  readonly request_id: string;
  readonly endpoint_id: string;
  readonly url: string;
  readonly event: WebhookEvent;
  readonly seq: number;
  readonly status: WebhookDelivery['status'];
  readonly tries: number;
  readonly created_at: number;
  readonly next_at: number;
  readonly last_try: string | null;
}

export function toDelivery(row: DeliveryRow): WebhookDelivery {
  return {
    id: row.id,
    organizationId: row.organization_id,
    requestId: row.request_id,
    endpointId: row.endpoint_id === ownUrl ? undefined : row.endpoint_id,
    url: row.url,
    event: row.event,
    seq: row.seq,
    status: row.status,
    tries: row.tries,
    createdAt: row.created_at,
    nextAt: row.next_at,
    // Written by `endTry`, hence a `WebhookTry`.
    lastTry: row.last_try === null ? undefined : JSON.parse(row.last_try),
  };
}
