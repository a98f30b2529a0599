import { type GatheringRules, toBeginAt } from '../../core/batch-jobs.ts';
import { isBatchLane } from '../../core/service-tiers.ts';
import type { Upstream } from '../../core/upstreams.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Headroom } from '../../platform/headroom.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Service } from '../../platform/service.ts';
import { UnderWay } from '../../platform/under-way.ts';
import { createWakeLoop } from '../../platform/wake-loop.ts';
import type { BatchJobStore } from '../../store/batch-job-store.ts';
import type { Claim, RequestStore } from '../../store/request-store.ts';
import type { HeldClaims } from '../held-claims.ts';
import type { JobMaker } from './job-maker.ts';

export interface BatchGathererOptions {
  readonly store: RequestStore;
  readonly jobs: BatchJobStore;
  readonly maker: JobMaker;
  readonly held: HeldClaims;
  /** The name of this worker in the attempt log. */
  readonly worker: string;
  /** Those that have batch jobs. */
  readonly upstreams: readonly Upstream[];
  /** The upstream's lane of every lane, by its public name. */
  readonly models: ReadonlyMap<string, string>;
  readonly rules: GatheringRules;
  readonly headroom: Headroom;
  readonly leaseMs: number;
  readonly drainMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A job is never in a hurry: hints would cost a read of the store for every submit. */
const pollMs = 1_000;
const leastPauseMs = 200;

/** Gathers the requests of the batch lanes, and has a job made of those of a lane when they are many or have waited long. */
export class BatchGatherer implements Service {
  readonly #options: BatchGathererOptions;
  readonly #lanes: readonly string[];
  readonly #underWay = new UnderWay('The worker shuts down');
  readonly #loop: Service;

  constructor(options: BatchGathererOptions) {
    this.#options = options;
    const { models, clock, logger } = options;
    this.#lanes = [...models.keys()].filter(isBatchLane);
    this.#loop = createWakeLoop({
      event: 'batch.ungathered',
      work: () => this.#gather(),
      longestPauseMs: pollMs,
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

  /** Has jobs that are being made given up, as far as they were not sent, when a stop must not wait for them. */
  handBack(): void {
    this.#underWay.cutOff();
  }

  /** Resolves to how long there is nothing to do. */
  async #gather(): Promise<number> {
    const { jobs, rules, headroom, upstreams, clock } = this.#options;
    if (this.#lanes.length === 0 || upstreams.length === 0 || headroom.mustRest()) return pollMs;
    const waiting = await jobs.waiting(this.#lanes, rules.maxRequests);
    const now = clock.now();
    const timed = waiting.map((lane) => ({ lane: lane.lane, beginAt: toBeginAt(lane, rules) }));
    for (const { lane } of timed.filter(({ beginAt }) => beginAt <= now)) await this.#begin(lane);
    const next = Math.min(...timed.map(({ beginAt }) => beginAt - now).filter((ms) => ms > 0));
    return Math.max(leastPauseMs, next);
  }

  async #begin(lane: string): Promise<void> {
    const { store, worker, upstreams, models, rules, leaseMs, clock, logger } = this.#options;
    const { claims } = await store.claim({
      worker,
      limit: rules.maxRequests,
      upstreams,
      models: new Map([[lane, models.get(lane) ?? '']]),
      now: clock.now(),
      leaseMs,
    });
    for (const [upstream, some] of Map.groupBy(claims, (claim) => claim.upstream)) {
      const making = this.#make(upstream, some).catch((error: unknown) =>
        logger.error({ event: 'batch.unmade', lane, upstream, err: error }),
      );
      this.#underWay.add(making);
    }
  }

  /** The claims are held until their job has them. */
  async #make(upstream: string, claims: readonly Claim[]): Promise<void> {
    const { maker, held } = this.#options;
    const made = maker.make(upstream, claims, this.#underWay.signal);
    await Promise.all(claims.map((claim) => held.whileHeld(claim, () => made)));
  }
}
