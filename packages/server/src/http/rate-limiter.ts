const windowMs = 60_000;

/** How many keys are remembered before the idle ones are looked for. */
const fewWindows = 1_000;

/**
 * Counts calls: at most `limit` by one key in any 60 seconds. It remembers only the times of the last calls, and forgets keys
 * that have been idle for 60 seconds. Each process counts for itself.
 */
export class RateLimiter {
  readonly #windows = new Map<string, Window>();
  #sweepAt = fewWindows;

  /** How many keys are remembered. */
  get size(): number {
    return this.#windows.size;
  }

  /** Counts a call. 0: it may go on. Otherwise it may not, and these are the milliseconds until the next one may come. */
  take(key: string, { limit, now }: { readonly limit: number; readonly now: number }): number {
    const known = this.#windows.get(key);
    const window = known?.limit === limit ? known : new Window(limit);
    this.#windows.set(key, window);
    if (this.#windows.size > this.#sweepAt) this.#forgetIdle(now);
    return window.take(now);
  }

  #forgetIdle(now: number): void {
    for (const [key, window] of this.#windows) if (window.isIdle(now)) this.#windows.delete(key);
    this.#sweepAt = Math.max(fewWindows, 2 * this.#windows.size);
  }
}

/** The times of the last `limit` calls, in a ring: the next time replaces the oldest. */
class Window {
  readonly limit: number;
  readonly #times: number[] = [];
  #next = 0;
  #last = Number.NEGATIVE_INFINITY;

  constructor(limit: number) {
    this.limit = limit;
  }

  take(now: number): number {
    const oldest = this.#times[this.#next];
    // A time in the future is from before the clock was set back, and means nothing.
    if (oldest !== undefined && oldest <= now && now - oldest < windowMs) return oldest + windowMs - now;
    this.#times[this.#next] = now;
    this.#next = (this.#next + 1) % this.limit;
    this.#last = now;
    return 0;
  }

  isIdle(now: number): boolean {
    return now - this.#last >= windowMs;
  }
}
