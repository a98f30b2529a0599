import type { CallEnd, ImageRequest, Verdict } from '../core/image-request.ts';
import type { RetryPolicy } from '../core/retry-policy.ts';
import { type Circumstances, decideVerdict } from '../core/verdict.ts';
import type { Chance } from '../platform/chance.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Claim, RequestStore, Settlement } from '../store/request-store.ts';

export interface SettlerOptions {
  readonly store: Pick<RequestStore, 'endCalls' | 'settle'>;
  readonly policyOf: (request: ImageRequest) => RetryPolicy;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly logger: Logger;
}

/** What a settlement needs to know of a claim. */
export type SettledClaim = Pick<Claim, 'request' | 'order' | 'attempts' | 'lease' | 'upstream' | 'standIn'>;

/** Writes how calls ended and, in the end, what becomes of their request. */
export class Settler {
  readonly #options: SettlerOptions;

  constructor(options: SettlerOptions) {
    this.#options = options;
  }

  toCircumstances({ request }: Pick<Claim, 'request'>): Circumstances {
    const { policyOf, clock, chance } = this.#options;
    return { policy: policyOf(request), now: clock.now(), chance };
  }

  /** When this write fails, the settlement repeats it. */
  keepEnd(claim: Pick<Claim, 'request' | 'lease'>, end: CallEnd): Promise<void> {
    const { store, logger } = this.#options;
    return store.endCalls(claim.lease, [end]).catch((error: unknown) => {
      logger.error({ event: 'call.unrecorded', request_id: claim.request.id, err: error });
    });
  }

  /** Resolves to whether the store has written the ends and the verdict. */
  async settle(claim: SettledClaim, ends: readonly CallEnd[], signal: AbortSignal): Promise<boolean> {
    const { request, lease, upstream, standIn, attempts } = claim;
    const circumstances = this.toCircumstances(claim);
    // This attempt is never forgiven, whatever the clocks say: it was made after the request was queued.
    const own = ends.map((end) => ({ ...end, upstream, standIn, startedAt: request.queuedAt }));
    const verdict = decideVerdict({ ...claim, attempts: [...attempts, ...own] }, circumstances);
    const isSettled = await this.#settlePatiently({ lease, ends, verdict, now: circumstances.now }, signal);
    const event = isSettled ? 'attempt.settled' : 'verdict.refused';
    const about = { request_id: request.id, attempt: lease.attempt, upstream, stand_in: standIn?.model };
    this.#options.logger.info({ event, ...about, ...describe(verdict) });
    return isSettled;
  }

  /**
   * Pictures that are paid for depend on this write: a store that cannot write, on a full disk for example, is asked until
   * it can. Only when the process has to go is it given up, after a few more tries.
   */
  async #settlePatiently(settlement: Settlement, signal: AbortSignal): Promise<boolean> {
    const { store, clock, logger } = this.#options;
    let lastTries = triesAtShutdown;
    for (let pauseMs = leastPauseMs; ; pauseMs = Math.min(longestPauseMs, 2 * pauseMs)) {
      try {
        return await store.settle(settlement);
      } catch (error) {
        logger.error({ event: 'settle.failed', request_id: settlement.lease.requestId, err: error });
        if (signal.aborted) lastTries -= 1;
        if (lastTries === 0) throw error;
        await (signal.aborted ? clock.sleep(leastPauseMs) : clock.sleep(pauseMs, signal));
      }
    }
  }
}

const leastPauseMs = 1_000;
const longestPauseMs = 5_000;
const triesAtShutdown = 3;

function describe(verdict: Verdict): Record<string, unknown> {
  if (verdict.kind === 'retry') return { verdict: 'retry', code: verdict.code, available_at: verdict.availableAt };
  return verdict.kind === 'fail' ? { verdict: 'fail', code: verdict.outcome.failure.code } : { verdict: verdict.kind };
}
