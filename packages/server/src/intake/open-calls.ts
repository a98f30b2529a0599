import type { Clock } from '../platform/clock.ts';
import type { OpenCallStore } from '../store/open-call-store.ts';
import type { RequestStore } from '../store/request-store.ts';

/** The call with `repeat` that waited for this request has its answer: nobody will make it again. */
export type Answered = (requestId: string) => Promise<void>;

/**
 * The client of such a call has gone without its answer: the same call joins this request from now on. With `cancel`, the request
 * is cancelled if it is still queued and nobody else waits for it.
 */
export type Left = (requestId: string, choice: { readonly cancel: boolean }) => Promise<void>;

interface OpenCallOptions {
  readonly store: Pick<RequestStore, 'cancelLeft'>;
  readonly openCalls: Pick<OpenCallStore, 'end' | 'leave'>;
  readonly clock: Clock;
}

export function createAnswered({ openCalls }: Pick<OpenCallOptions, 'openCalls'>): Answered {
  return (requestId) => openCalls.end(requestId);
}

export function createLeft({ store, openCalls, clock }: OpenCallOptions): Left {
  return async (requestId, { cancel }) => {
    await openCalls.leave(requestId, clock.now());
    if (cancel) await store.cancelLeft(requestId, clock.now());
  };
}
