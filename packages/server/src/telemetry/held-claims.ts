import type { CallEnd, Lease } from '../core/image-request.ts';
import type { Claim } from '../store/request-store.ts';
import type { ObservedCall } from './observer.ts';

/** A claim that this process works on, with what its calls have done so far. */
export interface HeldClaim {
  readonly claim: Claim;
  readonly claimedAt: number;
  /** By the index of the image. */
  readonly sentAt: Map<number, number>;
  /** The images whose calls have ended. */
  readonly ended: Set<number>;
}

/** The claims under way in this process: the store's later writes name only their lease. */
export class HeldClaims {
  readonly #held = new Map<string, HeldClaim>();

  take(claim: Claim, claimedAt: number): void {
    this.#held.set(claim.lease.token, { claim, claimedAt, sentAt: new Map(), ended: new Set() });
  }

  send({ token }: Lease, imageIndexes: readonly number[], now: number): void {
    const held = this.#held.get(token);
    for (const index of imageIndexes) held?.sentAt.set(index, now);
  }

  /** The calls that have ended with this write: an end that is written again is no new one. */
  end({ token }: Lease, ends: readonly CallEnd[]): readonly ObservedCall[] {
    const held = this.#held.get(token);
    if (!held) return [];
    const fresh = ends.filter(({ imageIndex }) => !held.ended.has(imageIndex));
    for (const { imageIndex } of fresh) held.ended.add(imageIndex);
    return fresh.map((end) => ({ claim: held.claim, end, sentAt: held.sentAt.get(end.imageIndex) }));
  }

  /** Their calls wait in a batch job, which any process may settle: what this one knows of them would stay for ever. */
  handOver(leases: readonly Lease[]): void {
    for (const { token } of leases) this.#held.delete(token);
  }

  settle({ token }: Lease): HeldClaim | undefined {
    const held = this.#held.get(token);
    this.#held.delete(token);
    return held;
  }
}
