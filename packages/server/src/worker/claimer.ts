import type { Notifier } from '../events/notifier.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Service } from '../platform/service.ts';
import type { Claim, RequestStore } from '../store/request-store.ts';

export interface ClaimerOptions {
  readonly store: RequestStore;
  readonly notifier: Notifier;
  /** Works on a claim until its attempt has ended; never rejects for what a request or the upstream did. */
  readonly execute: (claim: Claim, signal: AbortSignal) => Promise<void>;
  /** The name of this worker in the attempt log. */
  readonly worker: string;
  /** How many requests are worked on at the same time. */
  readonly slots: number;
  readonly leaseMs: number;
  /** How long `stop` waits for the attempts under way before it has them given back. */
  readonly drainMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The longest time without asking the store, in case a hint was lost. */
const pollMs = 1_000;

/** Keeps the slots full: claims as many requests as there are free slots, on hints and from time to time. */
export class Claimer implements Service {
  readonly #options: ClaimerOptions;
  readonly #running = new Set<Promise<void>>();
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
    this.#wake.abort();
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
    // While every slot is taken a hint changes nothing: the attempt that ends first wakes the loop.
    const forget = notifier.onQueued(() => {
      if (this.#running.size < this.#options.slots) this.#wake.abort();
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
    const { store, worker, slots, leaseMs, clock, logger } = this.#options;
    const limit = slots - this.#running.size;
    if (limit <= 0) return pollMs;
    try {
      const now = clock.now();
      const { claims, nextAvailableAt } = await store.claim({ worker, limit, now, leaseMs });
      for (const claim of claims) this.#work(claim);
      return Math.min(pollMs, Math.max(0, (nextAvailableAt ?? Number.POSITIVE_INFINITY) - now));
    } catch (error) {
      logger.error({ event: 'claim.failed', err: error });
      return pollMs;
    }
  }

  #work(claim: Claim): void {
    const { execute, logger } = this.#options;
    const about = { request_id: claim.request.id, attempt: claim.lease.attempt };
    logger.debug({ event: 'request.claimed', ...about });
    const work = execute(claim, this.#handBack.signal)
      .catch((error: unknown) => logger.error({ event: 'attempt.unsettled', ...about, err: error }))
      .finally(() => {
        this.#running.delete(work);
        this.#wake.abort();
      });
    this.#running.add(work);
  }
}
