import { type RequestEvent, toStatus } from '../../core/request-events.ts';
import type { RequestWebhook, WebhookEvent } from '../../core/webhooks.ts';
import { ownUrl } from '../rows/webhook-rows.ts';

/** A moment of a request that is to be written to the history. */
export interface Telling extends Pick<RequestEvent, 'requestId' | 'at' | 'moment'> {
  /** Webhooks are not told. */
  readonly isUntold?: boolean;
}

/** What webhooks are told about the moment; `undefined`: nothing. */
export function toWebhookEvent({ moment, isUntold }: Telling): WebhookEvent | undefined {
  const status = isUntold ? undefined : toStatus(moment);
  return status && `request.${status}`;
}

/** What there is to tell about a request: one row, however many addresses are to be told. */
export interface News {
  readonly requestId: string;
  readonly organizationId: string;
  readonly seq: number;
  readonly at: number;
  readonly event: WebhookEvent;
}

export interface NewsRow {
  readonly seq: number;
  readonly request_id: string;
  readonly organization_id: string;
  readonly at: number;
  readonly event: WebhookEvent;
  /** The endpoint that was told last. */
  readonly after_endpoint: string;
  /** The request's own webhook. */
  readonly webhook: string | null;
}

export function toNews({ seq, request_id: requestId, organization_id: organizationId, at, event }: NewsRow): News {
  return { seq, requestId, organizationId, at, event };
}

/** The addresses that are told in one step: the request's own address, only in the first step, and the next endpoint. */
export interface ToldAddresses {
  readonly own: boolean;
  readonly endpoint: boolean;
}

export const allAddresses: ToldAddresses = { own: true, endpoint: true };

/** An endpoint, or `ownUrl` for the URL that came with the request. */
interface Address {
  readonly id: string;
  readonly url: string;
}

/** The addresses that get a delivery of the news: the request's own in the first step, and those of `endpoints` that ask for it. */
export function toAddresses(
  { webhook, event }: Pick<NewsRow, 'webhook' | 'event'>,
  step: {
    readonly isFirst: boolean;
    readonly endpoints: readonly (Address & { readonly events: string })[];
    readonly told: ToldAddresses;
  },
): readonly Address[] {
  const own = step.told.own && step.isFirst ? toOwnAddress(webhook, event) : [];
  const others = step.told.endpoint ? step.endpoints.filter(({ events }) => asksFor(events, event)) : [];
  return [...own, ...others];
}

function asksFor(events: string, event: WebhookEvent): boolean {
  // We wrote it ourselves: an array of `WebhookEvent`.
  const chosen: readonly WebhookEvent[] = JSON.parse(events);
  return chosen.includes(event);
}

function toOwnAddress(webhook: string | null, event: WebhookEvent): readonly Address[] {
  // Written by `submit`.
  const own: RequestWebhook | undefined = webhook === null ? undefined : JSON.parse(webhook);
  return own?.events.includes(event) ? [{ id: ownUrl, url: own.url }] : [];
}
