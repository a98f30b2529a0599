import type { WebhookDelivery, WebhookEndpoint, WebhookTry } from '../core/webhooks.ts';

/**
 * The outbox. What there is to tell is written by the methods of `RequestStore` in the transaction of the event, as one row of
 * news, so that no submit costs more the more there are who want to be told. `claim` makes of it a delivery for the request's own
 * `webhook_url` and for each endpoint of the organization, of those that ask for the event. Writes are durable before they
 * resolve.
 */
export interface WebhookStore {
  /**
   * Keeps an endpoint, which is told of the events after this one. Resolves to `false`, and keeps nothing, when the organization
   * has `limit` of them.
   */
  createEndpoint(endpoint: WebhookEndpoint, limit: number): Promise<boolean>;
  /** Oldest first. */
  listEndpoints(organizationId: string): Promise<readonly WebhookEndpoint[]>;
  findEndpoint(organizationId: string, id: string): Promise<WebhookEndpoint | undefined>;
  /**
   * Changes what is given. A new `url` counts for what is pending, too. Setting `pausedAt` to `undefined` resumes: what waited
   * is due at once, and the failures and the reason of before are forgotten.
   */
  updateEndpoint(
    organizationId: string,
    id: string,
    changes: Partial<Omit<WebhookEndpoint, 'id' | 'organizationId' | 'createdAt'>>,
  ): Promise<WebhookEndpoint | undefined>;
  /** Its pending deliveries are given up with it. Resolves to whether it was there. */
  deleteEndpoint(organizationId: string, id: string): Promise<boolean>;
  /** The version of the organization's own secret, which signs for `webhook_url`; 1 until it is rotated. */
  secretOf(organizationId: string): Promise<{ readonly version: number; readonly oldUntil: number | undefined }>;
  /** The next version; the one before is valid until `oldUntil`. */
  rotateSecret(organizationId: string, oldUntil: number): Promise<{ readonly version: number }>;

  /**
   * Makes deliveries of what there is to tell, in the order of the events and a bounded number at a time, and takes up to `limit` pending deliveries that are due, for `leaseMs`: nobody else gets them meanwhile. Of each request and
   * address only the first that is pending: the next one follows when it has ended, so a receiver hears of a request in
   * order. Deliveries of paused endpoints wait. Endpoints take turns, so that one with a long backlog keeps no other
   * waiting. A delivery's `nextAt` is the end of the lease. The result's: when the next one is due, if any is pending; that may
   * be over already when there were more than `limit`, or there is more to tell. The cost does not grow with the number of deliveries.
   */
  claim(query: { readonly now: number; readonly limit: number; readonly leaseMs: number }): Promise<{
    readonly deliveries: readonly WebhookDelivery[];
    readonly nextAt: number | undefined;
  }>;
  /**
   * Ends a try. `delivered` and `failed` end the delivery (and write a `called-back` event); `retry` puts it off. Counts the
   * endpoint's failures in a row, and pauses it with `pause`. From a taker whose lease has run out and whose delivery somebody
   * else has taken, only `delivered` counts; of a delivery that has ended, nothing does.
   */
  endTry(
    delivery: WebhookDelivery,
    end: { readonly tried: WebhookTry } & (
      | { readonly kind: 'delivered' }
      | { readonly kind: 'failed' }
      | { readonly kind: 'retry'; readonly nextAt: number }
    ) & { readonly pause?: { readonly at: number; readonly reason: string } },
  ): Promise<void>;

  /** Newest first. */
  listDeliveries(query: DeliveryQuery): Promise<readonly WebhookDelivery[]>;
  /**
   * Makes a delivery pending and due at once, whatever became of it, and before all that its address has still to hear of the
   * request after it; one that is pending before it goes first. While somebody has it, it stays with them. `undefined` when
   * the organization has none of this id, or its endpoint is gone and its secret with it.
   */
  resend(organizationId: string, id: string, now: number): Promise<WebhookDelivery | undefined>;
}

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
