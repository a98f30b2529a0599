import {
  pauseAfterFailures,
  type WebhookDelivery,
  type WebhookEndpoint,
  type WebhookTry,
  webhookLifeMs,
} from '../../core/webhooks.ts';
import type { Chance } from '../../platform/chance.ts';
import type { TryEnd } from '../../store/webhook-store.ts';
import type { Posted } from './post-message.ts';

/** The receiver says that it is gone: its endpoint is paused at once, and deliveries to a request's own URL are given up. */
const goneStatus = 410;

const firstBackoffMs = 5_000;
const maxBackoffMs = 6 * 3_600_000;
const leastFailingMs = 24 * 3_600_000;

export interface TryFacts {
  readonly delivery: WebhookDelivery;
  /** `undefined`: the request's own URL. */
  readonly endpoint: WebhookEndpoint | undefined;
  readonly posted: Posted;
  readonly now: number;
  readonly chance: Chance;
}

/** The result of a try: everything that is written about it. */
export function toTryEnd(facts: TryFacts): TryEnd {
  const { delivery, posted, now, chance } = facts;
  const tried = toTry(posted, now);
  if (tried.failure === undefined) return { kind: 'delivered', tried };
  const nextAt = now + toBackoffMs(delivery.tries, chance);
  const pause = findPause(facts, tried.failure);
  const isGone = tried.httpStatus === goneStatus && delivery.endpointId === undefined;
  const isOver = nextAt > delivery.createdAt + webhookLifeMs;
  // Deliveries that a paused endpoint has not received wait until it is resumed.
  if (isGone || (isOver && !pause)) return { kind: 'failed', tried, ...(pause && { pause }) };
  return { kind: 'retry', tried, nextAt, ...(pause && { pause }) };
}

/** A POST as the delivery records it; without a `failure` it was accepted. */
export function toTry(posted: Posted, at: number): WebhookTry {
  if (posted.kind === 'unanswered') return { at, failure: `The webhook could not be delivered: ${posted.reason}.` };
  const { httpStatus, answer } = posted;
  const failure = describeRefusal(httpStatus);
  return { at, httpStatus, answer, ...(failure !== undefined && { failure }) };
}

function describeRefusal(httpStatus: number): string | undefined {
  if (httpStatus >= 200 && httpStatus < 300) return undefined;
  if (httpStatus === goneStatus) return 'The receiver answered 410: it does not want any more webhooks.';
  if (httpStatus >= 300 && httpStatus < 400)
    return `The receiver answered ${httpStatus}, a redirect, which is not followed: use the address that it leads to.`;
  return `The receiver answered ${httpStatus}.`;
}

/** Full jitter: receivers that failed together are not called together. */
function toBackoffMs(tries: number, chance: Chance): number {
  return Math.round(chance() * Math.min(maxBackoffMs, firstBackoffMs * 2 ** tries));
}

function findPause({ endpoint, posted, now }: TryFacts, failure: string): TryEnd['pause'] {
  if (!endpoint) return undefined;
  if (posted.kind === 'answered' && posted.httpStatus === goneStatus) return { at: now, reason: failure };
  const since = endpoint.failingSince ?? now;
  if (endpoint.failures + 1 < pauseAfterFailures || now - since < leastFailingMs) return undefined;
  const reason = `It has accepted nothing since ${new Date(since).toISOString()}. ${failure}`;
  return { at: now, reason };
}
