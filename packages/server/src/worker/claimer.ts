import type { Upstream } from '../core/upstreams.ts';
import type { Notifier } from '../events/notifier.ts';
import type { Clock } from '../platform/clock.ts';
import type { Headroom } from '../platform/headroom.ts';
import type { Logger } from '../platform/logger.ts';
import type { Service } from '../platform/service.ts';
import type { Claim, RequestStore } from '../store/request-store.ts';

export interface ClaimerOptions {
  readonly store: RequestStore;
  readonly notifier: Notifier;
  /** Works on a claim until its attempt has ended; never rejects for what a request or the upstream did. */
  readonly execute: (claim: Claim, course: AttemptCourse) => Promise<void>;
  /** The name of this worker in the attempt log. */
  readonly worker: string;
  readonly upstreams: readonly Upstream[];
  /** The upstream's id of every model, by its public id. */
  readonly models: ReadonlyMap<string, string>;
  readonly headroom: Headroom;
  /** How many calls are under way at the same time. */
  readonly slots: number;
  readonly leaseMs: number;
  /** How long `stop` waits for the attempts under way before it has them given back. */
  readonly drainMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How an attempt and its claimer keep each other up to date. */
export interface AttemptCourse {
  /** Aborts when what is under way is to be given back. */
  readonly signal: AbortSignal;
  /** Tells of a call that has ended while others of the attempt go on: its slot is free. */
  readonly freeSlot: () => void;
}

/** The longest time without asking the store, in case a hint was lost. */
const pollMs = 1_000;
/** The shortest after a claim that brought nothing. */
const leastPauseMs = 10;

/** Keeps the slots full: claims requests for as many calls as there are free slots, on hints and from time to time. */
export class Claimer implements Service {
  readonly #options: ClaimerOptions;
  readonly #running = new Set<Promise<void>>();
  #calls = 0;
  #isResting = false;
  readonly #handBack = new AbortController();
  #isStopping = false;
  #wake = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  constructor(options: ClaimerOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    const { clock, drainMs } = this.#options;
    this.#isStopping = true;
    this.#wake.abort('woken');
    await this.#loop;
    const drained = new AbortController();
    const running = Promise.all(this.#running).then(() => drained.abort());
    await clock.sleep(drainMs, AbortSignal.any([drained.signal, this.#handBack.signal]));
    this.#handBack.abort(new Error('The worker shuts down'));
    await running;
  }

  /** Gives back at once what is under way, when a stop must not wait. */
  handBack(): void {
    this.#handBack.abort(new Error('The worker shuts down'));
  }

  async #run(): Promise<void> {
    const { notifier, clock } = this.#options;
    // While every slot is taken a hint changes nothing: the call that ends first wakes the loop.
    // Every abort has a reason given here: without one it makes an error with a stack, a twentieth of what a submit costs.
    const forget = notifier.onQueued(() => {
      if (this.#calls < this.#options.slots) this.#wake.abort('woken');
    });
    while (!this.#isStopping) {
      // Replaced before the store is asked: a hint that comes meanwhile cuts the sleep short.
      this.#wake = new AbortController();
      const { signal } = this.#wake;
      await clock.sleep(await this.#claim(), signal);
    }
    forget();
  }

  /** Fills the free slots. Resolves to how long there is nothing to do unless somebody wakes the loop. */
  async #claim(): Promise<number> {
    const { store, worker, upstreams, models, slots, leaseMs, clock, logger } = this.#options;
    const limit = slots - this.#calls;
    if (limit <= 0 || this.#mustRest()) return pollMs;
    try {
      const now = clock.now();
      const { claims, nextAvailableAt } = await store.claim({ worker, limit, upstreams, models, now, leaseMs });
      for (const claim of claims) this.#work(claim);
      const pauseMs = Math.min(pollMs, (nextAvailableAt ?? Number.POSITIVE_INFINITY) - now);
      return Math.max(claims.length > 0 ? 0 : leastPauseMs, pauseMs);
    } catch (error) {
      logger.error({ event: 'claim.failed', err: error });
      return pollMs;
    }
  }

  #mustRest(): boolean {
    const { headroom, worker, logger } = this.#options;
    const mustRest = headroom.mustRest();
    if (mustRest !== this.#isResting) logger.warn({ event: mustRest ? 'worker.rests' : 'worker.resumes', worker });
    this.#isResting = mustRest;
    return mustRest;
  }

  #work(claim: Claim): void {
    const { execute, logger } = this.#options;
    const { request, lease, upstream, imageIndexes } = claim;
    const about = { request_id: request.id, attempt: lease.attempt };
    logger.debug({ event: 'request.claimed', ...about, upstream, calls: imageIndexes.length });
    const slots = this.#takeSlots(imageIndexes.length);
    const work = execute(claim, { signal: this.#handBack.signal, freeSlot: () => slots.free(1) })
      .catch((error: unknown) => logger.error({ event: 'attempt.unsettled', ...about, err: error }))
      .finally(() => {
        this.#running.delete(work);
        slots.free(imageIndexes.length);
      });
    this.#running.add(work);
  }

  /** Slots of one attempt; freeing more than are left frees what is left. */
  #takeSlots(calls: number): { readonly free: (calls: number) => void } {
    let left = calls;
    this.#calls += calls;
    return {
      free: (ended) => {
        const freed = Math.min(left, ended);
        left -= freed;
        this.#calls -= freed;
        this.#wake.abort('woken');
      },
    };
  }
}
