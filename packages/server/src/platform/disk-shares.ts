/** Keeps one caller from filling the disk for all. */
export interface DiskShares {
  /**
   * Notes that `who` is about to write so many bytes, or gives a sentence when it must not: it would then have written more of
   * late than half of the room that is left for everybody. So whoever fills a disk is refused while all others still have room.
   */
  admit(who: string, bytes: number): string | undefined;
}

/** What somebody has written counts half after so long. */
const halfLifeMs = 30 * 60_000;
/** So many are remembered before those who wrote little are forgotten. */
const fewWriters = 1_000;
const littleBytes = 2 ** 20;

interface Written {
  readonly bytes: number;
  readonly at: number;
}

/** How much everybody has written of late. Each process counts for itself. */
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
