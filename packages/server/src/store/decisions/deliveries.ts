import type { RequestMoment } from '../../core/request-events.ts';
import type { WebhookDelivery, WebhookEndpoint } from '../../core/webhooks.ts';
import type { TryEnd, WebhookStore } from '../webhook-store.ts';

/** What the end of a try makes of a delivery: delivered, given up, or to be tried again at `nextAt`. */
export interface TriedDelivery {
  readonly status: WebhookDelivery['status'];
  /** `undefined`: stays as it was. */
  readonly nextAt: number | undefined;
  /** Does the end count also when somebody else has taken the delivery meanwhile? What was delivered is delivered. */
  readonly isFinal: boolean;
}

export function toTried(end: TryEnd): TriedDelivery {
  return end.kind === 'retry'
    ? { status: 'pending', nextAt: end.nextAt, isFinal: false }
    : { status: end.kind, nextAt: undefined, isFinal: end.kind === 'delivered' };
}

/** The moment of a delivery that has ended; `undefined`: it is tried again. */
export function toCalledBack(url: string, { kind, tried: { httpStatus } }: TryEnd): RequestMoment | undefined {
  if (kind === 'retry') return undefined;
  const status = httpStatus === undefined ? {} : { httpStatus };
  return { kind: 'called-back', url, isDelivered: kind === 'delivered', ...status };
}

export interface ChangedEndpoint {
  readonly endpoint: WebhookEndpoint;
  /** When the endpoint was paused that is resumed now: what waits for another try was due then. `undefined`: it is not resumed. */
  readonly resumedFrom: number | undefined;
}

/** An endpoint with changes of its operator. One that is resumed begins again: its failures and its reason are forgotten. */
export function toChangedEndpoint(
  before: WebhookEndpoint,
  changes: Parameters<WebhookStore['updateEndpoint']>[2],
): ChangedEndpoint {
  const isResumed = 'pausedAt' in changes && changes.pausedAt === undefined;
  const resumedFrom = isResumed ? before.pausedAt : undefined;
  const forgiven = resumedFrom === undefined ? {} : { failures: 0, failingSince: undefined, pauseReason: undefined };
  return { endpoint: { ...before, ...forgiven, ...changes }, resumedFrom };
}
