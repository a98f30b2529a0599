import { decideVerdict } from '../core/verdict.ts';
import type { Notifier } from '../events/notifier.ts';
import type { Chance } from '../platform/chance.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Service } from '../platform/service.ts';
import type { ExpiredClaim, RequestStore } from '../store/request-store.ts';
import { createRepeat } from './repeat.ts';

export interface RescuerOptions {
  readonly store: RequestStore;
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly logger: Logger;
}

const everyMs = 2_000;
const batch = 100;

/** Takes requests from workers that went away, and ends those whose deadline is over. */
export function createRescuer(options: RescuerOptions): Service {
  const { store, notifier, clock, chance, logger } = options;

  const rescue = async () => {
    const now = clock.now();
    const decide = ({ request, order, attempts }: ExpiredClaim) =>
      decideVerdict({ order, tries: attempts, deadlineAt: request.deadlineAt, now, chance });
    const rescued = await store.rescue({ now, limit: batch, decide });
    for (const { id, attempt, status } of rescued)
      logger.warn({ event: 'request.rescued', request_id: id, attempt, status });
    if (rescued.length > 0) notifier.hintQueued();
    return rescued.length;
  };

  const expire = async () => {
    const expired = await store.expire({ now: clock.now(), limit: batch });
    for (const { id } of expired) logger.warn({ event: 'request.expired', request_id: id });
    return expired.length;
  };

  const work = async () => {
    while ((await rescue()) === batch);
    while ((await expire()) === batch);
  };
  return createRepeat({ event: 'rescue.failed', everyMs, work, clock, logger });
}
