import type { Lease } from '../core/image-request.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { createRepeat } from '../platform/repeat.ts';
import type { Service } from '../platform/service.ts';
import type { RequestStore } from '../store/request-store.ts';
import type { HeldClaims } from './held-claims.ts';

export interface LeaseRenewerOptions {
  readonly store: RequestStore;
  readonly held: HeldClaims;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Prolongs the leases of the attempts under way, three times in the time of a lease. */
export class LeaseRenewer implements Service {
  readonly #options: LeaseRenewerOptions;
  readonly #lost = new WeakSet<Lease>();
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

  /**
   * A call whose lease is lost runs to its end all the same, since it is paid for, and its line of the attempt log stays alive
   * while it is renewed. Only its verdict will be refused.
   */
  async #renew(): Promise<void> {
    const { store, held, leaseMs, clock, logger } = this.#options;
    const { leases } = held;
    if (leases.length === 0) return;
    for (const lease of await store.renew(leases, { now: clock.now(), leaseMs })) {
      // Logged once, although it is renewed again and again; it may also have ended while the store was asked.
      if (this.#lost.has(lease) || !held.holds(lease.token)) continue;
      this.#lost.add(lease);
      logger.warn({ event: 'lease.lost', request_id: lease.requestId, attempt: lease.attempt });
    }
  }
}
