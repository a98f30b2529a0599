import type { ImageRequest } from '../core/image-request.ts';
import type { BatchJobStore } from '../store/batch-job-store.ts';
import type { NewRequest, RequestStore, Settlement } from '../store/request-store.ts';
import type { WebhookStore } from '../store/webhook-store.ts';
import { type HeldClaim, HeldClaims } from './held-claims.ts';
import type { EndedRequest, Observer } from './observer.ts';

export interface ObservedStores {
  readonly requests: RequestStore;
  readonly webhooks: WebhookStore;
  readonly batchJobs: BatchJobStore;
}

interface ObserveOptions {
  readonly observer: Observer;
  /** Gives a new request its place in a trace before it is kept. */
  readonly traceSubmit: (request: NewRequest) => NewRequest;
  /** Milliseconds that only grow. */
  readonly stopwatch?: () => number;
}

/**
 * The same stores, whose writes an observer hears of. No other place tells it anything: no use case, worker or wire knows that somebody
 * looks. A write costs two readings of a clock and what the observer does; reads are not observed.
 */
export function observeStores<Stores extends ObservedStores>(stores: Stores, options: ObserveOptions): Stores {
  const { observer, traceSubmit, stopwatch = () => performance.now() } = options;
  const { requests: store, webhooks, batchJobs } = stores;
  const held = new HeldClaims();
  const ends = new ToldEnds(observer);

  const timed =
    <Given extends readonly unknown[], Result>(
      operation: string,
      write: (...given: Given) => Promise<Result>,
      look: (result: Result, ...given: Given) => void = () => undefined,
    ): ((...given: Given) => Promise<Result>) =>
    async (...given) => {
      const startedAt = stopwatch();
      try {
        const result = await write(...given);
        observer.written(operation, stopwatch() - startedAt, true);
        look(result, ...given);
        return result;
      } catch (error) {
        observer.written(operation, stopwatch() - startedAt, false);
        throw error;
      }
    };

  const submit = timed('submit', store.submit);
  const requests: RequestStore = {
    ...store,
    submit: async (given) => {
      const result = await submit(traceSubmit(given));
      if (result.kind === 'submitted') observer.submitted(result.request, given);
      else if (result.kind !== 'replayed') observer.refused(given, result.kind);
      return result;
    },
    claim: timed('claim', store.claim, ({ claims }, { now }) => {
      for (const claim of claims) {
        held.take(claim, now);
        observer.claimed(claim, now);
        if (claim.isBegun) held.send(claim.lease, claim.imageIndexes, now);
      }
    }),
    renew: timed('renew', store.renew),
    beginCalls: timed('begin-calls', store.beginCalls, (isHeld, lease, { imageIndexes, now }) => {
      if (isHeld) held.send(lease, imageIndexes, now);
    }),
    endCalls: timed('end-calls', store.endCalls, (_nothing, lease, written) => {
      for (const call of held.end(lease, written)) observer.callEnded(call);
    }),
    settle: timed('settle', store.settle, (isSettled, { lease, ends: written, verdict, now: endedAt }) => {
      const { held: settled, calls } = held.settle(lease, written);
      for (const call of calls) observer.callEnded(call);
      if (!isSettled || !settled) return;
      observer.attemptEnded({ claim: settled.claim, claimedAt: settled.claimedAt, endedAt, verdict });
      const ended = toSettledEnd(settled, { verdict, now: endedAt });
      if (ended) observer.requestEnded(ended);
    }),
    rescue: timed('rescue', store.rescue, (rescued) => {
      for (const request of rescued) {
        observer.rescued(request);
        ends.tell(request);
      }
    }),
    expire: timed('expire', store.expire, (expired) => {
      for (const request of expired) ends.tell(request);
    }),
    cancel: timed('cancel', store.cancel, (request, _organizationId, _id, now) => {
      // A request that had ended before has kept its time.
      if (request?.status === 'cancelled' && request.updatedAt === now) ends.tellOnce(request);
    }),
    cancelLeft: timed('cancel', store.cancelLeft, (request) => request && ends.tell(request)),
    requeue: timed('requeue', store.requeue),
  };
  return {
    ...stores,
    requests,
    batchJobs: {
      ...batchJobs,
      begin: timed('begin-job', batchJobs.begin, (leases) => held.handOver(leases)),
      findClaim: async (requestId) => {
        const found = await batchJobs.findClaim(requestId);
        if (found) held.pickUp(found);
        return found;
      },
    },
    webhooks: {
      ...webhooks,
      claim: timed('claim-deliveries', webhooks.claim),
      endTry: timed('end-try', webhooks.endTry, (_nothing, delivery, end) => observer.tryEnded(delivery, end)),
    },
  };
}

/** The end that a verdict has written; `undefined` when the request goes on. */
function toSettledEnd(
  { claim: { request, attempts }, claimedAt, costMicros }: HeldClaim,
  { verdict, now: endedAt }: Pick<Settlement, 'verdict' | 'now'>,
): EndedRequest | undefined {
  if (verdict.kind !== 'succeed' && verdict.kind !== 'fail') return undefined;
  const earlier = attempts.filter(({ startedAt }) => startedAt >= request.queuedAt);
  return {
    request,
    status: verdict.kind === 'succeed' ? 'success' : 'failed',
    outcome: verdict.outcome,
    costMicros,
    endedAt,
    startedAt: Math.min(claimedAt, ...earlier.map(({ startedAt }) => startedAt)),
  };
}

/** Tells of the ends of requests that nobody works on here. */
class ToldEnds {
  readonly #observer: Observer;
  /** The last cancelled requests, with the times of their cancels. */
  readonly #cancelled = new Map<string, number>();

  constructor(observer: Observer) {
    this.#observer = observer;
  }

  tell(request: ImageRequest): void {
    const { status, outcome, costMicros, updatedAt: endedAt } = request;
    if (status === 'queued' || status === 'processing') return;
    this.#observer.requestEnded({
      request,
      status,
      outcome,
      costMicros,
      endedAt,
      startedAt: undefined,
    });
  }

  /** Two cancels of one millisecond look alike: only the first has changed something. */
  tellOnce(request: ImageRequest): void {
    if (this.#cancelled.get(request.id) === request.updatedAt) return;
    if (this.#cancelled.size >= rememberedCancels) this.#cancelled.clear();
    this.#cancelled.set(request.id, request.updatedAt);
    this.tell(request);
  }
}

const rememberedCancels = 1_000;
