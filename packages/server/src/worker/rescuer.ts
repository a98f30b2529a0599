import type { ImageRequest } from '../core/image-request.ts';
import type { RetryPolicy } from '../core/retry-policy.ts';
import { decideVerdict } from '../core/verdict.ts';
import type { Chance } from '../platform/chance.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { createRepeat } from '../platform/repeat.ts';
import type { Service } from '../platform/service.ts';
import { combineServices } from '../platform/services.ts';
import { createWakeLoop } from '../platform/wake-loop.ts';
import type { OpenCallStore } from '../store/open-call-store.ts';
import type { ExpiredClaim, RequestStore } from '../store/request-store.ts';
import type { HeldClaims } from './held-claims.ts';
import { LeaseWatcher } from './lease-watcher.ts';

export interface RescuerOptions {
  readonly store: RequestStore;
  readonly openCalls: Pick<OpenCallStore, 'forget'>;
  readonly policyOf: (request: ImageRequest) => RetryPolicy;
  /** The claims that this process works on. */
  readonly held: HeldClaims;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly logger: Logger;
}

const rescueEveryMs = 2_000;
/** The deadlines of requests that this process holds are kept to the moment, all others within this time. */
const expireEveryMs = 1_000;
const moveUpEveryMs = 1_000;
const leastPauseMs = 10;
const forgetEveryMs = 60_000;
const batch = 100;

/**
 * Takes requests from workers that are gone, ends requests whose deadline is over, moves those whose time in their service tier is over
 * to the next one, and forgets idempotency keys and open calls
 * that are too old to count.
 */
export function createRescuer(options: RescuerOptions): Service {
  const { store, openCalls, policyOf, held, leaseMs, clock, chance, logger } = options;
  const watch = new LeaseWatcher({ leaseMs, isOwn: (token) => held.holds(token), clock });

  const toQuery = (now: number) => ({
    now,
    limit: batch,
    decide: (expired: ExpiredClaim) => decideVerdict(expired, { policy: policyOf(expired.request), now, chance }),
  });

  const rescue = async () => {
    const rescued = await store.rescue({ ...toQuery(clock.now()), watch });
    for (const { id, attempt, status } of rescued)
      logger.warn({ event: 'request.rescued', request_id: id, attempt, status });
    return rescued.length;
  };

  const expire = async () => {
    const expired = await store.expire(toQuery(clock.now()));
    for (const { id, status } of expired) logger.warn({ event: 'request.expired', request_id: id, status });
    return expired.length;
  };

  const moveUp = async () => {
    const moved = await store.moveUp({ now: clock.now(), limit: batch });
    for (const id of moved) logger.info({ event: 'request.moved-up', request_id: id });
    return moved.length;
  };
  const forgetKeys = () => store.forgetIdempotencyKeys({ now: clock.now(), limit: batch });
  const forgetCalls = () => openCalls.forget({ now: clock.now(), limit: batch });

  const untilDeadline = () => {
    const now = clock.now();
    return Math.max(leastPauseMs, held.nextDeadlineAfter(now) - now);
  };

  const rescues = createRepeat({
    event: 'rescue.failed',
    everyMs: rescueEveryMs,
    work: () => untilLess(rescue),
    clock,
    logger,
  });
  const expiries = createWakeLoop({
    event: 'expiry.failed',
    longestPauseMs: expireEveryMs,
    work: () => untilLess(expire).then(untilDeadline),
    clock,
    logger,
  });
  const moves = createRepeat({
    event: 'moving-up.failed',
    everyMs: moveUpEveryMs,
    work: () => untilLess(moveUp),
    clock,
    logger,
  });
  const forgetting = createRepeat({
    event: 'idempotency.unforgotten',
    everyMs: forgetEveryMs,
    work: () => untilLess(forgetKeys).then(() => untilLess(forgetCalls)),
    clock,
    logger,
  });
  return combineServices([rescues, expiries, moves, forgetting]);
}

/** Repeats work that is done in batches until less than a batch is left. */
async function untilLess(work: () => Promise<number>): Promise<void> {
  while ((await work()) === batch);
}
