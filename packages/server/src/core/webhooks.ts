import type { RequestStatus } from '@darkroom/protocol';

/** The events of webhooks: `request.` and the new status of the request. */
export const webhookEvents = [
  'request.queued',
  'request.processing',
  'request.success',
  'request.failed',
  'request.cancelled',
] as const satisfies readonly `request.${RequestStatus}`[];
export type WebhookEvent = (typeof webhookEvents)[number];

/** The events when none were chosen: the ends. */
export const defaultWebhookEvents: readonly WebhookEvent[] = ['request.success', 'request.failed', 'request.cancelled'];

/** Where a request's own events go, as its submit requested. */
export interface RequestWebhook {
  readonly url: string;
  readonly events: readonly WebhookEvent[];
}

/** An address of an organization that is told about all its requests. */
export interface WebhookEndpoint {
  readonly id: string;
  readonly organizationId: string;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  readonly createdAt: number;
  /** The number of its signing secret, from 1. Secrets are derived from it and are not stored in any row. */
  readonly secretVersion: number;
  /** Until this time the previous secret signs as well. */
  readonly oldSecretUntil: number | undefined;
  /** Failed deliveries in a row. */
  readonly failures: number;
  /** When the first of them failed; `undefined` when there are none. Set and cleared with `failures` by `endTry`. */
  readonly failingSince: number | undefined;
  /** It kept failing, or an operator paused it; its deliveries wait. */
  readonly pausedAt: number | undefined;
  readonly pauseReason: string | undefined;
}

/** One event on its way to one address. */
export interface WebhookDelivery {
  /** The `webhook-id` of the message: the same for every try. */
  readonly id: string;
  readonly organizationId: string;
  readonly requestId: string;
  /** `undefined`: the request's own `webhook_url`, signed by the organization's own secret. */
  readonly endpointId: string | undefined;
  readonly url: string;
  readonly event: WebhookEvent;
  /** The `seq` of the request event that it reports. */
  readonly seq: number;
  readonly status: 'pending' | 'delivered' | 'failed';
  readonly tries: number;
  readonly createdAt: number;
  /** While pending: not before this time. */
  readonly nextAt: number;
  readonly lastTry: WebhookTry | undefined;
}

export interface WebhookTry {
  readonly at: number;
  readonly httpStatus?: number;
  /** The first KB of the answer. */
  readonly answer?: string;
  /** Why it failed; a sentence. */
  readonly failure?: string;
}

/** How long tries go on. */
export const webhookLifeMs = 72 * 3_600_000;
/** How long a receiver may take to answer. */
export const webhookTimeoutMs = 15_000;
/** After this many failed deliveries in a row, over at least a day, an endpoint is paused. */
export const pauseAfterFailures = 20;
