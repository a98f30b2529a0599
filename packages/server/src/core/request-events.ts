import type { RequestStatus } from '@darkroom/protocol';
import type { FailureCode } from './failures.ts';
import type { AttemptResult, Verdict } from './image-request.ts';
import type { StandIn } from './stand-ins.ts';

/**
 * A notable moment of a request. It is written in the transaction of the change that it records, so the events of a request are
 * its true history. Streams, webhooks and the log of a request all read it.
 */
export interface RequestEvent {
  /** Grows with every event of the service; the id of the event in a stream. */
  readonly seq: number;
  readonly requestId: string;
  readonly organizationId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly moment: RequestMoment;
}

export type RequestMoment =
  /** Submitted, or queued again by an operator. */
  | { readonly kind: 'queued' }
  /** A worker has it. `calls`: how many upstream calls were granted, on which upstream, and for which other model if any. */
  | {
      readonly kind: 'claimed';
      readonly attempt: number;
      readonly upstream: string;
      readonly calls: number;
      readonly standIn?: StandIn;
    }
  | { readonly kind: 'sent'; readonly attempt: number; readonly image: number; readonly upstream: string }
  | {
      readonly kind: 'answered';
      readonly attempt: number;
      readonly image: number;
      readonly result: AttemptResult;
      readonly code?: FailureCode;
      /** Micro-dollars. */
      readonly costMicros: number;
    }
  /** Queued again: a try has failed, and the next one is due at `availableAt`. */
  | { readonly kind: 'retrying'; readonly code: FailureCode; readonly availableAt: number }
  /** Queued again without blame: its worker shut down, or there was no room for all its calls. */
  | { readonly kind: 'returned' }
  | { readonly kind: 'succeeded'; readonly pictures: number }
  | { readonly kind: 'failed'; readonly code: FailureCode }
  | { readonly kind: 'cancelled' }
  /** A webhook was delivered, or given up. */
  | { readonly kind: 'called-back'; readonly url: string; readonly isDelivered: boolean; readonly httpStatus?: number };

const kinds: Readonly<Record<RequestMoment['kind'], true>> = {
  queued: true,
  claimed: true,
  sent: true,
  answered: true,
  retrying: true,
  returned: true,
  succeeded: true,
  failed: true,
  cancelled: true,
  'called-back': true,
};

/** Does it have the shape that our programs write, as far as its kind shows? */
export function isMoment(value: unknown): value is RequestMoment {
  return typeof value === 'object' && value !== null && 'kind' in value && Object.hasOwn(kinds, String(value.kind));
}

/** The moment of a verdict that counts. */
export function toMoment(verdict: Verdict): RequestMoment {
  switch (verdict.kind) {
    case 'succeed':
      return { kind: 'succeeded', pictures: verdict.outcome.pictures.length };
    case 'fail':
      return { kind: 'failed', code: verdict.outcome.failure.code };
    case 'retry':
      return { kind: 'retrying', code: verdict.code, availableAt: verdict.availableAt };
    case 'interrupt':
      return { kind: 'returned' };
  }
}

/** A moment that changes no status. */
type Aside = Extract<RequestMoment, { readonly kind: 'sent' | 'answered' | 'called-back' }>;

/** The status that a request has from this moment on; `undefined`: the moment changes none. */
export function toStatus(moment: Exclude<RequestMoment, Aside>): RequestStatus;
export function toStatus(moment: RequestMoment): RequestStatus | undefined;
export function toStatus(moment: RequestMoment): RequestStatus | undefined {
  switch (moment.kind) {
    case 'queued':
    case 'retrying':
    case 'returned':
      return 'queued';
    case 'claimed':
      return 'processing';
    case 'succeeded':
      return 'success';
    case 'failed':
    case 'cancelled':
      return moment.kind;
    case 'sent':
    case 'answered':
    case 'called-back':
      return undefined;
  }
}

/** Does the request end with it? A requeue may start it again. */
export function isFinal(moment: RequestMoment): boolean {
  return moment.kind === 'succeeded' || moment.kind === 'failed' || moment.kind === 'cancelled';
}
