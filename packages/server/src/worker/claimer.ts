import type { Fallbacks } from '../core/choose-model.ts';
import type { Upstream } from '../core/upstreams.ts';
import type { Notifier } from '../events/notifier.ts';
import type { Clock } from '../platform/clock.ts';
import type { Headroom } from '../platform/headroom.ts';
import type { Logger } from '../platform/logger.ts';
import type { Service } from '../platform/service.ts';
import { UnderWay } from '../platform/under-way.ts';
import { createWakeLoop, type WakeLoop } from '../platform/wake-loop.ts';
import type { Claim, ClaimQuery, RequestStore } from '../store/request-store.ts';

export interface ClaimerOptions {
  readonly store: RequestStore;
  readonly notifier: Notifier;
  /** Works on a claim until its attempt has ended; never rejects for anything that a request or the upstream did. */
  readonly execute: (claim: Claim, course: AttemptCourse) => Promise<void>;
  /** The name of this worker in the attempt log. */
  readonly worker: string;
  readonly upstreams: readonly Upstream[];
  /** The upstream's id of every model, by its public id. */
  readonly models: ReadonlyMap<string, string>;
  readonly fallbacks: Fallbacks;
  /** `ClaimQuery.begins`. */
  readonly begins: ClaimQuery['begins'];
  readonly headroom: Headroom;
  /**
   * How many calls are under way at the same time. Calls of a tier that takes many minutes have as many slots apart, so that they hold up
   * no others: they wait on a socket and need no memory.
   */
  readonly slots: number;
  readonly leaseMs: number;
  /** How long `stop` waits for the attempts under way before it has them given back. */
  readonly drainMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How an attempt and its claimer keep each other up to date. */
export interface AttemptCourse {
  /** Aborts when the attempt is to be given back. */
  readonly signal: AbortSignal;
  /** Says that one call of the attempt has ended while others go on: its slot is free. */
  readonly freeSlot: () => void;
}

/** The longest time without asking the store, in case a hint was lost. */
const pollMs = 1_000;
/** The shortest pause after a claim that brought nothing. */
const leastPauseMs = 10;

/** Keeps the slots full: claims requests for as many calls as there are free slots, on hints and at least once a second. */
export class Claimer implements Service {
  readonly #options: ClaimerOptions;
  readonly #underWay = new UnderWay('The worker shuts down');
  /** The slots that are taken. */
  readonly #taken = { quick: 0, patient: 0 };
  #isResting = false;
  readonly #loop: WakeLoop;

  constructor(options: ClaimerOptions) {
    this.#options = options;
    const { notifier, slots, clock, logger } = options;
    this.#loop = createWakeLoop({
      event: 'claim.failed',
      work: () => this.#claim(),
      longestPauseMs: pollMs,
      // While every quick slot is taken a hint changes little: the first call that ends wakes the loop, and patient calls can wait for it.
      hints: (wake) => notifier.onQueued(() => void (this.#free(slots, 'quick') > 0 && wake())),
      clock,
      logger,
    });
  }

  start(): Promise<void> {
    return this.#loop.start();
  }

  async stop(): Promise<void> {
    const { drainMs, clock } = this.#options;
    await this.#loop.stop();
    await this.#underWay.drain({ ms: drainMs, clock });
  }

  /** Has the attempts under way given back at once, when a stop must not wait for them. */
  handBack(): void {
    this.#underWay.cutOff();
  }

  /** Fills the free slots. Resolves to how long there is nothing to claim unless a hint comes or a slot becomes free. */
  async #claim(): Promise<number> {
    const { store, worker, upstreams, models, fallbacks, begins, slots, leaseMs, clock } = this.#options;
    const [limit, patientLimit] = [this.#free(slots, 'quick'), this.#free(slots, 'patient')];
    if (limit + patientLimit <= 0 || this.#mustRest()) return pollMs;
    const now = clock.now();
    const query = { worker, limit, patientLimit, upstreams, models, fallbacks, begins, now, leaseMs };
    const { claims, nextAvailableAt } = await store.claim(query);
    for (const claim of claims) this.#work(claim);
    const pauseMs = (nextAvailableAt ?? Number.POSITIVE_INFINITY) - now;
    return Math.max(claims.length > 0 ? 0 : leastPauseMs, pauseMs);
  }

  #free(slots: number, kind: SlotKind): number {
    return Math.max(0, slots - this.#taken[kind]);
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
    const { request, lease, upstream, standIn, imageIndexes, tier } = claim;
    const about = { request_id: request.id, attempt: lease.attempt };
    logger.debug({
      event: 'request.claimed',
      ...about,
      upstream,
      stand_in: standIn?.model,
      calls: imageIndexes.length,
    });
    const slots = this.#takeSlots(tier === 'flex' || tier === 'batch' ? 'patient' : 'quick', imageIndexes.length);
    const work = execute(claim, { signal: this.#underWay.signal, freeSlot: () => slots.free(1) }).catch(
      (error: unknown) => logger.error({ event: 'attempt.unsettled', ...about, err: error }),
    );
    this.#underWay.add(work, () => slots.free(imageIndexes.length));
  }

  /** Slots of one attempt; freeing more than are left frees what is left. */
  #takeSlots(kind: SlotKind, calls: number): { readonly free: (calls: number) => void } {
    let left = calls;
    this.#taken[kind] += calls;
    return {
      free: (ended) => {
        const freed = Math.min(left, ended);
        left -= freed;
        this.#taken[kind] -= freed;
        this.#loop.wake();
      },
    };
  }
}

type SlotKind = 'quick' | 'patient';
