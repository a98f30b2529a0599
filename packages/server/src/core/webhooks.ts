import type { RequestStatus } from '@darkroom/protocol';

/** What a webhook can tell of: `request.` and the status that a request has now. */
export const webhookEvents = [
  'request.queued',
  'request.processing',
  'request.success',
  'request.failed',
  'request.cancelled',
] as const satisfies readonly `request.${RequestStatus}`[];
export type WebhookEvent = (typeof webhookEvents)[number];

/** What is told when nothing was chosen: the ends. */
export const defaultWebhookEvents: readonly WebhookEvent[] = ['request.success', 'request.failed', 'request.cancelled'];

/** Where a request's own events go, as its submit asked for. */
export interface RequestWebhook {
  readonly url: string;
  readonly events: readonly WebhookEvent[];
}

/** An address of an organization that is told of all its requests. */
export interface WebhookEndpoint {
  readonly id: string;
  readonly organizationId: string;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  readonly createdAt: number;
  /** The number of its signing secret, from 1; secrets are derived from it and are in no row. */
  readonly secretVersion: number;
  /** Until then the secret before signs as well. */
  readonly oldSecretUntil: number | undefined;
  /** Deliveries in a row that were not taken. */
  readonly failures: number;
  /** When the first of them was not taken; `undefined` when there are none. Set and cleared with `failures` by `endTry`. */
  readonly failingSince: number | undefined;
  /** It kept failing, or somebody paused it; its deliveries wait. */
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
  /** The `seq` of the request event that it tells of. */
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
  /** Why it was not taken; a sentence. */
  readonly failure?: string;
}

/** Tries go on for so long. */
export const webhookLifeMs = 72 * 3_600_000;
/** So long a receiver may take to answer. */
export const webhookTimeoutMs = 15_000;
/** After so many deliveries in a row that were not taken, over at least a day, an endpoint is paused. */
export const pauseAfterFailures = 20;
