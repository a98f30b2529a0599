import type { GatheringRules } from '../core/batch-jobs.ts';
import type { ImageRequest } from '../core/image-request.ts';
import type { RetryPolicy } from '../core/retry-policy.ts';
import { isBatchLane } from '../core/service-tiers.ts';
import { serves } from '../core/upstreams.ts';
import type { Notifier } from '../events/notifier.ts';
import type { TurnResolver } from '../media/conversation/turn-resolver.ts';
import type { MediaStore } from '../media/media-store.ts';
import { toFallbacks } from '../models/fallbacks.ts';
import { type ModelRegistry, toUpstreamLanes } from '../models/registry.ts';
import type { Moderation } from '../moderation/moderation.ts';
import type { Chance } from '../platform/chance.ts';
import type { Clock } from '../platform/clock.ts';
import type { Headroom } from '../platform/headroom.ts';
import type { Logger } from '../platform/logger.ts';
import type { Service } from '../platform/service.ts';
import type { BatchJobStore } from '../store/batch-job-store.ts';
import type { OpenCallStore } from '../store/open-call-store.ts';
import type { RequestStore } from '../store/request-store.ts';
import { AnswerTaker } from './answer-taker.ts';
import { createBatching } from './batch/batching.ts';
import { beginsAtOnce } from './begins-at-once.ts';
import { Claimer } from './claimer.ts';
import { createFindConnection, type PoolMember } from './connection.ts';
import { Executor } from './executor.ts';
import { HeldClaims } from './held-claims.ts';
import { LeaseRenewer } from './lease-renewer.ts';
import { Preparer } from './preparer.ts';
import { createRescuer } from './rescuer.ts';
import { Settler } from './settler.ts';
import { UpstreamCaller } from './upstream-caller.ts';

/** What the retry policy of a request depends on. */
export type PolicySubject = Pick<ImageRequest, 'model' | 'allowsStandIn'>;

export interface WorkerOptions {
  readonly store: RequestStore;
  readonly openCalls: Pick<OpenCallStore, 'forget'>;
  readonly batchJobs: BatchJobStore;
  readonly media: MediaStore;
  /** At least one upstream; their names are different. */
  readonly pool: readonly PoolMember[];
  readonly models: ModelRegistry;
  readonly turns: TurnResolver;
  /** Missing: nobody is asked what may be made and served. */
  readonly moderation?: Moderation | undefined;
  readonly notifier: Notifier;
  readonly headroom: Headroom;
  /** This worker's name in the attempt log. */
  readonly name: string;
  readonly spoolFolder: string;
  /** How many upstream calls run at the same time. */
  readonly concurrency: number;
  readonly drainMs: number;
  /** When a batch job is begun. */
  readonly gathering: GatheringRules;
  /** How often a call is repeated when its answer was lost with its worker. */
  readonly lostAnswerRetries: number;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly logger: Logger;
}

/** How long a worker may be silent before its requests are taken from it, in milliseconds. */
const leaseMs = 20_000;

/**
 * The room of the work. A worker claims requests, makes their calls, and settles them. On the way from a claim to an outcome a
 * call passes through these shapes; each carries a decision:
 *
 * - `Claim`: the store decides who may work on the request, on which upstream, and for which images.
 * - `Call`: the executor decides for which of them to call, and with which turns.
 * - `ImageCall`, `ImageAnswer`: the border to a vendor; the provider decides how it asks, and what the answer was.
 * - `KeptAnswer`: the media store decides under which keys the answer is kept. Rows hold it as JSON.
 * - `CallEnd`: the upstream caller decides how the call ended and what it cost. Rows and journals hold it.
 * - `Verdict`, with its `Outcome`: the core decides what becomes of the request. Rows hold the outcome.
 */
export interface Worker extends Service {
  /** Makes a `stop` that is under way give back at once what it still waits for. */
  handBack(): void;
}

export function createWorker(options: WorkerOptions): Worker {
  const { store, media, pool, models, turns, notifier, headroom, spoolFolder, clock, chance, logger } = options;
  const { openCalls, lostAnswerRetries, moderation } = options;
  const fallbacks = toFallbacks(models);
  const countServing = (model: string) => pool.filter((member) => serves(member, model)).length;
  const policyOf = ({ model, allowsStandIn }: PolicySubject): RetryPolicy => {
    const named = allowsStandIn ? (fallbacks.get(model) ?? []) : [];
    const others = named.filter(({ when }) => when.includes('resting')).map((other) => other.model);
    const places = [model, ...others].reduce((sum, one) => sum + countServing(one), 0);
    return { lostAnswerRetries, places };
  };
  const findConnection = createFindConnection(pool);
  const answers = new AnswerTaker({ moderation, clock, logger });
  const settler = new Settler({ store, policyOf, clock, chance, logger });
  const preparer = new Preparer({ models, turns, findConnection, moderation, settler, clock, logger });
  const caller = new UpstreamCaller({ store, findConnection, answers, clock, logger });
  const executor = new Executor({ store, media, preparer, caller, settler, spoolFolder, clock, logger });
  const held = new HeldClaims();
  const lanes = toUpstreamLanes(models);
  const renewer = new LeaseRenewer({ store, held, leaseMs, clock, logger });
  const rescuer = createRescuer({ store, openCalls, policyOf, held, leaseMs, clock, chance, logger });
  const claimer = new Claimer({
    store,
    notifier,
    headroom,
    worker: options.name,
    upstreams: pool,
    models: new Map([...lanes].filter(([lane]) => !isBatchLane(lane))),
    fallbacks,
    // A moderation is asked between the claim and its calls.
    begins: moderation ? undefined : (claim) => beginsAtOnce(claim, clock.now()),
    slots: options.concurrency,
    leaseMs,
    drainMs: options.drainMs,
    execute: (claim, course) => held.whileHeld(claim, () => executor.execute(claim, course)),
    clock,
    logger,
  });
  const batching = createBatching({ ...options, lanes, held, leaseMs, preparer, settler, answers });
  return {
    start: async () => {
      await renewer.start();
      await rescuer.start();
      await claimer.start();
      await batching.start();
    },
    stop: async () => {
      await Promise.all([batching.stop(), claimer.stop()]);
      await rescuer.stop();
      await renewer.stop();
    },
    handBack: () => {
      claimer.handBack();
      batching.handBack();
    },
  };
}
