import type { Notifier } from '../events/notifier.ts';
import type { TurnResolver } from '../media/conversation/turn-resolver.ts';
import type { MediaStore } from '../media/media-store.ts';
import type { Chance } from '../platform/chance.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { Semaphore } from '../platform/semaphore.ts';
import type { Service } from '../platform/service.ts';
import type { ImageModel } from '../providers/image-model.ts';
import type { RequestStore } from '../store/request-store.ts';
import { Claimer } from './claimer.ts';
import { Executor } from './executor.ts';
import { LeaseRenewer } from './lease-renewer.ts';
import { createRescuer } from './rescuer.ts';
import { UpstreamCaller } from './upstream-caller.ts';

export interface WorkerOptions {
  readonly store: RequestStore;
  readonly media: MediaStore;
  readonly model: ImageModel;
  readonly turns: TurnResolver;
  readonly notifier: Notifier;
  /** This worker's name in the attempt log. */
  readonly name: string;
  readonly spoolFolder: string;
  /** How many upstream calls run at the same time. */
  readonly concurrency: number;
  readonly drainMs: number;
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
  const { store, notifier, name, clock, logger } = options;
  const caller = new UpstreamCaller({ ...options, permits: new Semaphore(options.concurrency) });
  const executor = new Executor({ ...options, caller });
  const renewer = new LeaseRenewer({ store, leaseMs, clock, logger });
  const rescuer = createRescuer(options);
  const claimer = new Claimer({
    ...options,
    worker: name,
    slots: options.concurrency,
    leaseMs,
    execute: (claim, signal) => renewer.whileHeld(claim, () => executor.execute(claim, signal)),
  });
  return {
    start: async () => {
      await renewer.start();
      await rescuer.start();
      await claimer.start();
    },
    stop: async () => {
      await claimer.stop();
      notifier.hintQueued();
      await rescuer.stop();
      await renewer.stop();
    },
    handBack: () => claimer.handBack(),
  };
}
