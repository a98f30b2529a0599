import type { WebhookDelivery, WebhookEndpoint, WebhookEvent } from '../../core/webhooks.ts';

/* Rows of the outbox as both stores read them, and what they mean. */

/** Stands for the endpoint's id when a request brought the URL itself. */
export const ownUrl = '';

/** One claim tells at most this many endpoints: some 3 ms of work, during which no other write runs. */
export const spreadAtOnce = 100;

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
    // Written by `endTry`, so it is a `WebhookTry`.
    lastTry: row.last_try === null ? undefined : JSON.parse(row.last_try),
  };
}

export interface EndpointRow {
  readonly id: string;
  readonly organization_id: string;
  readonly url: string;
  readonly events: string;
  readonly created_at: number;
  readonly secret_version: number;
  readonly old_secret_until: number | null;
  readonly failures: number;
  readonly failing_since: number | null;
  readonly paused_at: number | null;
  readonly pause_reason: string | null;
}

export function toEndpoint(row: EndpointRow): WebhookEndpoint {
  return {
    id: row.id,
    organizationId: row.organization_id,
    url: row.url,
    // Written with the endpoint, so it is an array of `WebhookEvent`.
    events: JSON.parse(row.events),
    createdAt: row.created_at,
    secretVersion: row.secret_version,
    oldSecretUntil: row.old_secret_until ?? undefined,
    failures: row.failures,
    failingSince: row.failing_since ?? undefined,
    pausedAt: row.paused_at ?? undefined,
    pauseReason: row.pause_reason ?? undefined,
  };
}

/** The columns of an endpoint that can change: url and events, then the rest. */
export function toEndpointColumns(endpoint: WebhookEndpoint): [string, string, ...(string | number | null)[]] {
  return [
    endpoint.url,
    JSON.stringify(endpoint.events),
    endpoint.secretVersion,
    endpoint.oldSecretUntil ?? null,
    endpoint.failures,
    endpoint.failingSince ?? null,
    endpoint.pausedAt ?? null,
    endpoint.pauseReason ?? null,
  ];
}
