/** Keeps a single organization from filling the disk for everyone. */
export interface DiskShares {
  /**
   * Notes that `who` is about to write `bytes`. Returns a sentence if it must not: its recent writes would exceed half of
   * the space that is left for everyone. So an organization that fills the disk is refused while the others still have space.
   */
  admit(who: string, bytes: number): string | undefined;
}

/** After this time, written bytes count half. */
const halfLifeMs = 30 * 60_000;
/** With more writers than this, those who wrote little are forgotten. */
const fewWriters = 1_000;
const littleBytes = 2 ** 20;

interface Written {
  readonly bytes: number;
  readonly at: number;
}

/** How much each organization has recently written. Each process counts separately. */
export class WrittenOfLate {
  readonly #written = new Map<string, Written>();

  of(who: string, now: number): number {
    const written = this.#written.get(who);
    return written ? fade(written, now) : 0;
  }

  add(who: string, bytes: number, now: number): void {
    this.#written.set(who, { bytes: this.of(who, now) + bytes, at: now });
    if (this.#written.size <= fewWriters) return;
    for (const [other, written] of this.#written) if (fade(written, now) < littleBytes) this.#written.delete(other);
  }
}

function fade({ bytes, at }: Written, now: number): number {
  return bytes * 2 ** (-Math.max(0, now - at) / halfLifeMs);
}
