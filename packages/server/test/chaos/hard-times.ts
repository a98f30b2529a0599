/** Periods in which a server may fail to start through no fault of its own; the operator then tries again. */
export class HardTimes {
  #underWay = 0;
  #lastEnd = 0;

  /** They last as long as `trouble` does. */
  async during(trouble: () => Promise<void>): Promise<void> {
    this.#underWay += 1;
    try {
      await trouble();
    } finally {
      this.#underWay -= 1;
      this.#lastEnd = Date.now();
    }
  }

  /** Were there any since then, by the real clock? */
  wereSince(time: number): boolean {
    return this.#underWay > 0 || this.#lastEnd >= time;
  }
}
