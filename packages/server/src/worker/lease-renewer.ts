import type { Lease } from '../core/image-request.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Service } from '../platform/service.ts';
import type { Claim, RequestStore } from '../store/request-store.ts';
import { createRepeat } from './repeat.ts';

export interface LeaseRenewerOptions {
  readonly store: RequestStore;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Prolongs the leases of the attempts under way, three times as often as they would run out. */
export class LeaseRenewer implements Service {
  readonly #options: LeaseRenewerOptions;
  readonly #leases = new Set<Lease>();
  readonly #lost = new Set<Lease>();
  readonly #repeat: Service;

  constructor(options: LeaseRenewerOptions) {
    this.#options = options;
    const { leaseMs, clock, logger } = options;
    this.#repeat = createRepeat({
      event: 'lease.unrenewed',
      everyMs: leaseMs / 3,
      work: () => this.#renew(),
      clock,
      logger,
    });
  }

  start = (): Promise<void> => this.#repeat.start();
  stop = (): Promise<void> => this.#repeat.stop();

  /** Holds the claim's lease while `work` runs. */
  async whileHeld(claim: Claim, work: () => Promise<void>): Promise<void> {
    this.#leases.add(claim.lease);
    try {
      await work();
    } finally {
      this.#leases.delete(claim.lease);
      this.#lost.delete(claim.lease);
    }
  }

  /**
   * A call whose lease is lost runs to its end all the same: it is paid for, and its line of the attempt log stays alive by
   * being renewed. Only its verdict will be refused.
   */
  async #renew(): Promise<void> {
    if (this.#leases.size === 0) return;
    const { store, leaseMs, clock, logger } = this.#options;
    for (const lease of await store.renew([...this.#leases], { now: clock.now(), leaseMs })) {
      // Asked again and again, told once; it may also have ended while the store was asked.
      if (this.#lost.has(lease) || !this.#leases.has(lease)) continue;
      this.#lost.add(lease);
      logger.warn({ event: 'lease.lost', request_id: lease.requestId, attempt: lease.attempt });
    }
  }
}
