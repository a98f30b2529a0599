import type { Upstream } from '../core/upstreams.ts';
import type { Notifier } from '../events/notifier.ts';
import type { TurnResolver } from '../media/conversation/turn-resolver.ts';
import type { MediaStore } from '../media/media-store.ts';
import type { ModelRegistry } from '../models/registry.ts';
import type { Chance } from '../platform/chance.ts';
import type { Clock } from '../platform/clock.ts';
import type { Headroom } from '../platform/headroom.ts';
import type { Logger } from '../platform/logger.ts';
import type { Service } from '../platform/service.ts';
import type { ImageModel } from '../providers/image-model.ts';
import type { RequestStore } from '../store/request-store.ts';
import { Claimer } from './claimer.ts';
import { Executor } from './executor.ts';
import { HeldClaims } from './held-claims.ts';
import { LeaseRenewer } from './lease-renewer.ts';
import { createRescuer } from './rescuer.ts';
import { UpstreamCaller } from './upstream-caller.ts';

/** An upstream and the way to call it. */
export interface PoolMember extends Upstream {
  readonly model: ImageModel;
}

export interface WorkerOptions {
  readonly store: RequestStore;
  readonly media: MediaStore;
  /** At least one; names are different. */
  readonly pool: readonly PoolMember[];
  readonly models: ModelRegistry;
  readonly turns: TurnResolver;
  readonly notifier: Notifier;
  readonly headroom: Headroom;
  /** This worker's name in the attempt log. */
  readonly name: string;
  readonly spoolFolder: string;
  /** How many upstream calls run at the same time. */
  readonly concurrency: number;
  readonly drainMs: number;
  /** How often a call is made again whose answer was lost with its worker. */
  readonly lostAnswerRetries: number;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly logger: Logger;
}

/** How long a worker may be silent before its requests are taken from it, in milliseconds. */
const leaseMs = 20_000;

export interface Worker extends Service {
  /** Makes a `stop` that is under way give back at once what it still waits for. */
  handBack(): void;
}

export function createWorker(options: WorkerOptions): Worker {
  const { store, pool, models, name, lostAnswerRetries, clock, logger } = options;
  const policy = { lostAnswerRetries, upstreams: pool.length };
  const caller = new UpstreamCaller({ ...options, models: new Map(pool.map((member) => [member.name, member.model])) });
  const executor = new Executor({ ...options, caller, policy });
  const held = new HeldClaims();
  const renewer = new LeaseRenewer({ store, held, leaseMs, clock, logger });
  const rescuer = createRescuer({ ...options, policy, held, leaseMs });
  const claimer = new Claimer({
    ...options,
    worker: name,
    upstreams: pool,
    models: new Map(models.list().map(({ id, upstreamId }) => [id, upstreamId])),
    slots: options.concurrency,
    leaseMs,
    execute: (claim, course) => held.whileHeld(claim, () => executor.execute(claim, course)),
  });
  return {
    start: async () => {
      await renewer.start();
      await rescuer.start();
      await claimer.start();
    },
    stop: async () => {
      await claimer.stop();
      await rescuer.stop();
      await renewer.stop();
    },
    handBack: () => claimer.handBack(),
  };
}
