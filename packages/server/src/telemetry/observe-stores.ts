import type { ImageRequest } from '../core/image-request.ts';
import type { BatchJobStore } from '../store/batch-job-store.ts';
import type { ExpiredClaim, NewRequest, RequestStore, Settlement } from '../store/request-store.ts';
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
  /** Requests of batch jobs that are about to be settled here. */
  const gathered = new Map<string, ExpiredClaim>();
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
      }
    }),
    renew: timed('renew', store.renew),
    beginCalls: timed('begin-calls', store.beginCalls, (isHeld, lease, { imageIndexes, now }) => {
      if (isHeld) held.send(lease, imageIndexes, now);
    }),
    endCalls: timed('end-calls', store.endCalls, (_nothing, lease, written) => {
      for (const call of held.end(lease, written)) observer.callEnded(call);
    }),
    settle: timed('settle', store.settle, (isSettled, settlement) => {
      for (const call of held.end(settlement.lease, settlement.ends)) observer.callEnded(call);
      const claim = held.settle(settlement.lease);
      const batched = gathered.get(settlement.lease.requestId);
      gathered.delete(settlement.lease.requestId);
      if (isSettled && !claim && batched) {
        const ended = toBatchedEnd(batched, settlement);
        if (ended) observer.requestEnded(ended);
      }
      if (!isSettled || !claim) return;
      const { now: endedAt, verdict } = settlement;
      observer.attemptEnded({ claim: claim.claim, claimedAt: claim.claimedAt, endedAt, verdict });
      const ended = toSettledEnd(claim, settlement);
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
        if (found) remember(gathered, found);
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
function toSettledEnd({ claim, claimedAt }: HeldClaim, settlement: Settlement): EndedRequest | undefined {
  return toEnd(claim, settlement, claimedAt);
}

function toEnd(
  { request, attempts }: Pick<ExpiredClaim, 'request' | 'attempts'>,
  { verdict, ends, now }: Pick<Settlement, 'verdict' | 'ends' | 'now'>,
  claimedAt = now,
): EndedRequest | undefined {
  if (verdict.kind !== 'succeed' && verdict.kind !== 'fail') return undefined;
  const earlier = attempts.filter(({ startedAt }) => startedAt >= request.queuedAt);
  return {
    request,
    status: verdict.kind === 'succeed' ? 'success' : 'failed',
    outcome: verdict.outcome,
    costMicros: ends.reduce((sum, { costMicros }) => sum + costMicros, request.costMicros),
    endedAt: now,
    startedAt: Math.min(claimedAt, ...earlier.map(({ startedAt }) => startedAt)),
  };
}

/** The same of a request whose calls were made in a batch job: its row has what they cost so far. */
function toBatchedEnd({ request, attempts }: ExpiredClaim, { lease, verdict, ends, now }: Settlement) {
  const counted = attempts.filter(({ number, result }) => number === lease.attempt && result !== undefined);
  const fresh = ends.filter(({ imageIndex }) => !counted.some((one) => one.imageIndex === imageIndex));
  return toEnd({ request, attempts }, { verdict, ends: fresh, now });
}

/** Without payload and answers, and only the last thousand: most are settled at once, and some never here. */
function remember(gathered: Map<string, ExpiredClaim>, { request, order, attempts }: ExpiredClaim): void {
  const [oldest] = gathered.keys();
  if (oldest !== undefined && gathered.size >= rememberedClaims) gathered.delete(oldest);
  gathered.set(request.id, {
    request: { ...request, payload: '', inline: [] },
    order,
    attempts: attempts.map((attempt) => ({ ...attempt, answer: undefined })),
  });
}

const rememberedClaims = 1_000;

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
