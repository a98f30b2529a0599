import type { Lease } from '../core/image-request.ts';
import type { Claim } from '../store/request-store.ts';

/** The claims on which this process works. */
export class HeldClaims {
  /** By the token of the lease. */
  readonly #claims = new Map<string, Claim>();

  /** Holds the claim while `work` runs. */
  async whileHeld(claim: Claim, work: () => Promise<void>): Promise<void> {
    this.#claims.set(claim.lease.token, claim);
    try {
      await work();
    } finally {
      this.#claims.delete(claim.lease.token);
    }
  }

  get leases(): readonly Lease[] {
    return [...this.#claims.values()].map(({ lease }) => lease);
  }

  holds(token: string): boolean {
    return this.#claims.has(token);
  }

  /** The first deadline after `time`; `Infinity` when there is none. */
  nextDeadlineAfter(time: number): number {
    const later = [...this.#claims.values()].map(({ request }) => request.deadlineAt).filter((at) => at > time);
    return later.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY);
  }
}
