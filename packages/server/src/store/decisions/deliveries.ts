import type { RequestMoment } from '../../core/request-events.ts';
import type { WebhookDelivery, WebhookEndpoint } from '../../core/webhooks.ts';
import type { TryEnd, WebhookStore } from '../webhook-store.ts';

/** The result of a try for its delivery: delivered, given up, or to be tried again at `nextAt`. */
export interface TriedDelivery {
  readonly status: WebhookDelivery['status'];
  /** `undefined`: stays as it was. */
  readonly nextAt: number | undefined;
  /** Does the end count even when another process has taken the delivery meanwhile? A delivered delivery stays delivered. */
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
  /**
   * When the endpoint that is now resumed was paused: deliveries that wait for another try were due then. `undefined`: it is not
   * resumed.
   */
  readonly resumedFrom: number | undefined;
}

/**
 * An endpoint with changes of its operator. A resumed endpoint starts over: its failures and the reason for its pause are
 * forgotten.
 */
export function toChangedEndpoint(
  before: WebhookEndpoint,
  changes: Parameters<WebhookStore['updateEndpoint']>[2],
): ChangedEndpoint {
  const isResumed = 'pausedAt' in changes && changes.pausedAt === undefined;
  const resumedFrom = isResumed ? before.pausedAt : undefined;
  const forgiven = resumedFrom === undefined ? {} : { failures: 0, failingSince: undefined, pauseReason: undefined };
  return { endpoint: { ...before, ...forgiven, ...changes }, resumedFrom };
}
