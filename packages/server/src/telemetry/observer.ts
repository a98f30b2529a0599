import type { CallEnd, ImageRequest, Verdict } from '../core/image-request.ts';
import type { StoredPicture } from '../core/stored-picture.ts';
import type { WebhookDelivery } from '../core/webhooks.ts';
import type { Claim, NewRequest } from '../store/request-store.ts';
import type { TryEnd } from '../store/webhook-store.ts';

/**
 * What happens to requests, as this process sees it, each after the write that made it true. Handlers return at once; what they throw
 * is logged and changes nothing. Times are milliseconds.
 */
export interface Observer {
  /** A new request is kept. `given` is the submit as the use case made it. */
  submitted(request: ImageRequest, given: NewRequest): void;
  /** The store has refused a submit. */
  refused(given: NewRequest, reason: Refusal): void;
  /** A worker of this process has taken a request. */
  claimed(claim: Claim, now: number): void;
  /** A call has ended, as this process has written it, in a batch job or not; each call is told once. */
  callEnded(call: ObservedCall): void;
  /** The head of the answer to a call has come. */
  answerBegun(call: BegunAnswer): void;
  /** A download of a reference is over. */
  referenceFetched(fetch: ObservedFetch): void;
  /** This process has written the end of an attempt, and its verdict counts. */
  attemptEnded(attempt: ObservedAttempt): void;
  /** This process has written the end of a request: once for each end, by one process. */
  requestEnded(ended: EndedRequest): void;
  /** This process has taken a request from a holder that is gone. */
  rescued(request: ImageRequest): void;
  /** A try of a webhook has ended. */
  tryEnded(delivery: WebhookDelivery, end: TryEnd): void;
  /** A write of the store has ended. */
  written(operation: string, ms: number, isDone: boolean): void;
}

export type Refusal = 'queue-full' | 'over-budget' | 'conflict';

export interface ObservedCall {
  readonly claim: Claim;
  readonly end: CallEnd;
  /** `undefined`: the call ended before it was sent. */
  readonly sentAt: number | undefined;
  /** The id of the batch job that it has waited in. */
  readonly batchJob?: string;
}

export interface BegunAnswer {
  readonly upstream: string;
  /** The upstream's own id. */
  readonly model: string;
  /** Since the start of the call. */
  readonly ms: number;
}

export interface ObservedFetch {
  /** `busy`: the server asked for patience. `aborted`: nobody waits for it any more. `broken`: it could not be kept. */
  readonly outcome: 'fetched' | 'unavailable' | 'busy' | 'aborted' | 'broken';
  readonly ms: number;
}

export interface ObservedAttempt {
  readonly claim: Claim;
  readonly claimedAt: number;
  readonly endedAt: number;
  readonly verdict: Verdict;
}

export interface EndedRequest {
  /** As it was when its last attempt began, or as it is now. */
  readonly request: ImageRequest;
  readonly status: 'success' | 'failed' | 'cancelled';
  readonly outcome: ImageRequest['outcome'];
  readonly costMicros: number;
  readonly endedAt: number;
  /** When the first attempt since it was queued began; `undefined`: it never did, or another process made it. */
  readonly startedAt: number | undefined;
}

/** The pictures of an end. */
export function toPictures({ outcome }: Pick<EndedRequest, 'outcome'>): readonly StoredPicture[] {
  return outcome?.kind === 'success' ? outcome.pictures : [];
}

/** The end as the log and the metrics name it: the code of a failure, and nothing for the others. */
export function toEndCode({ outcome }: Pick<EndedRequest, 'outcome'>): string | undefined {
  return outcome?.kind === 'failure' ? outcome.failure.code : undefined;
}

/** One observer that tells all of them, in order. What one throws goes to `onError` and stops no other. */
export function combineObservers(observers: readonly Partial<Observer>[], onError: (error: unknown) => void): Observer {
  const tell =
    <Name extends keyof Observer>(name: Name) =>
    (...facts: Parameters<Observer[Name]>): void => {
      for (const observer of observers) {
        try {
          // TypeScript does not see that the parameters are those of the same name.
          (observer[name] as ((...given: Parameters<Observer[Name]>) => void) | undefined)?.(...facts);
        } catch (error) {
          onError(error);
        }
      }
    };
  return {
    submitted: tell('submitted'),
    refused: tell('refused'),
    claimed: tell('claimed'),
    callEnded: tell('callEnded'),
    answerBegun: tell('answerBegun'),
    referenceFetched: tell('referenceFetched'),
    attemptEnded: tell('attemptEnded'),
    requestEnded: tell('requestEnded'),
    rescued: tell('rescued'),
    tryEnded: tell('tryEnded'),
    written: tell('written'),
  };
}
