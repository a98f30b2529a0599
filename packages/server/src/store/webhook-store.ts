import type { By } from '../core/audit.ts';
import type { WebhookDelivery, WebhookEndpoint, WebhookTry } from '../core/webhooks.ts';

/**
 * The outbox. The methods of `RequestStore` write what there is to tell in the transaction of the event, as one row of news, so
 * that a submit costs the same however many addresses want to be told. `claim` turns news into deliveries: one for the request's
 * own `webhook_url` and one for each endpoint of the organization, where they ask for the event. Writes are durable before they
 * resolve. A write that is given a `By` is noted in the audit log, in its transaction.
 */
export interface WebhookStore {
  /**
   * Keeps an endpoint, which is told about later events. Resolves to `false`, and keeps nothing, when the organization has
   * `limit` endpoints already.
   */
  createEndpoint(endpoint: WebhookEndpoint, limit: number, by?: By): Promise<boolean>;
  /** Oldest first. */
  listEndpoints(organizationId: string): Promise<readonly WebhookEndpoint[]>;
  findEndpoint(organizationId: string, id: string): Promise<WebhookEndpoint | undefined>;
  /**
   * Changes what is given. A new `url` also applies to pending deliveries. Setting `pausedAt` to `undefined` resumes the
   * endpoint: waiting deliveries are due at once, and earlier failures and their reason are forgotten.
   */
  updateEndpoint(
    organizationId: string,
    id: string,
    changes: Partial<Omit<WebhookEndpoint, 'id' | 'organizationId' | 'createdAt'>>,
    by?: By,
  ): Promise<WebhookEndpoint | undefined>;
  /** Also gives up its pending deliveries. Resolves to whether it was there. */
  deleteEndpoint(organizationId: string, id: string, by?: By): Promise<boolean>;
  /** The version of the organization's own secret, which signs for `webhook_url`; 1 until it is rotated. */
  secretOf(organizationId: string): Promise<{ readonly version: number; readonly oldUntil: number | undefined }>;
  /** The next version. The one before stays valid until `oldUntil`. */
  rotateSecret(organizationId: string, oldUntil: number, by?: By): Promise<{ readonly version: number }>;

  /**
   * Turns news into deliveries, in the order of the events and a bounded number at a time. Then takes up to `limit` pending
   * deliveries that are due, for `leaseMs`: no other call gets them during that time. Of each request and address only the first
   * pending delivery is taken; the next one follows when it has ended, so a receiver gets the events of a request in order.
   * Deliveries of paused endpoints wait. Endpoints take turns, so a long backlog of one keeps no other waiting.
   *
   * A delivery's `nextAt` is the end of the lease. The result's `nextAt` says when the next pending delivery is due; it may be in
   * the past when there were more than `limit`, or when there is more to tell. The cost does not grow with the number of
   * deliveries.
   */
  claim(query: { readonly now: number; readonly limit: number; readonly leaseMs: number }): Promise<{
    readonly deliveries: readonly WebhookDelivery[];
    readonly nextAt: number | undefined;
  }>;
  /**
   * Ends a try. `delivered` and `failed` end the delivery and write a `called-back` event; `retry` puts it off. Counts the
   * endpoint's failures in a row, and pauses it with `pause`. When the lease has run out and another process has taken the
   * delivery, only `delivered` counts. When the delivery has ended, nothing counts.
   */
  endTry(delivery: WebhookDelivery, end: TryEnd): Promise<void>;

  /** Newest first. */
  listDeliveries(query: DeliveryQuery): Promise<readonly WebhookDelivery[]>;
  /**
   * Makes a delivery pending and due at once, whatever its status, and before all later deliveries of the request to the same
   * address; an earlier one that is pending goes first. While a process has taken it, it stays there. Resolves to `undefined`
   * when the organization has no delivery of this id, or when its endpoint is gone and with it the secret.
   */
  resend(organizationId: string, id: string, now: number): Promise<WebhookDelivery | undefined>;
}

/** How a try has ended, and whether its endpoint is paused because of it. */
export type TryEnd = { readonly tried: WebhookTry } & (
  | { readonly kind: 'delivered' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'retry'; readonly nextAt: number }
) & { readonly pause?: { readonly at: number; readonly reason: string } };

export interface DeliveryQuery {
  readonly organizationId: string;
  readonly requestId?: string;
  readonly endpointId?: string;
  readonly status?: WebhookDelivery['status'];
  /** 1 or more. */
  readonly limit: number;
  /** The id of the last delivery of the page before. */
  readonly cursor?: string;
}
