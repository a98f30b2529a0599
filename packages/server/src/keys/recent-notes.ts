/** With more ids than this, those noted by this process are forgotten: at worst their time is written again. */
const maxNoted = 10_000;

/** Which uses were noted lately, so that the time of the last one is written at most once in `everyMs`. */
export class RecentNotes {
  readonly #everyMs: number;
  readonly #noted = new Map<string, number>();

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  /** Whether the use of `now` is to be written, when the row says `storedAt`. If so, it counts as written. */
  isDue(id: string, storedAt: number, now: number): boolean {
    if (now - Math.max(storedAt, this.#noted.get(id) ?? 0) < this.#everyMs) return false;
    if (this.#noted.size >= maxNoted) this.#noted.clear();
    this.#noted.set(id, now);
    return true;
  }
}
