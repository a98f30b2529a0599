const windowSeconds = 60;
/** With more callers than this, the idle ones are looked for. */
const fewWindows = 1_000;

interface Spent {
  /** A second since 1970. */
  readonly second: number;
  readonly amount: number;
}

/** Counts amounts, such as bytes: at most `limit` by one caller in any 60 seconds, to the second. Each process counts for itself. */
export class AmountLimiter {
  readonly #windows = new Map<string, Spent[]>();
  #sweepAt = fewWindows;

  /**
   * Counts the amount. 0: it may be used. Otherwise it may not, and these are the milliseconds until it may; `Infinity` when it is
   * more than the limit.
   */
  take(who: string, given: { readonly amount: number; readonly limit: number; readonly now: number }): number {
    const { amount, limit, now } = given;
    if (amount > limit) return Number.POSITIVE_INFINITY;
    const second = Math.floor(now / 1_000);
    const window = (this.#windows.get(who) ?? []).filter((spent) => isInWindow(spent, second));
    const waitMs = toWait(window, given, second);
    this.#windows.set(who, waitMs > 0 ? window : add(window, { second, amount }));
    if (this.#windows.size > this.#sweepAt) this.#forgetIdle(second);
    return waitMs;
  }

  #forgetIdle(second: number): void {
    for (const [who, window] of this.#windows)
      if (!window.some((spent) => isInWindow(spent, second))) this.#windows.delete(who);
    this.#sweepAt = Math.max(fewWindows, 2 * this.#windows.size);
  }
}

/** A second in the future is from before the clock was set back, and means nothing. */
function isInWindow({ second }: Spent, now: number): boolean {
  return second <= now && now - second < windowSeconds;
}

function add(window: Spent[], { second, amount }: Spent): Spent[] {
  const last = window.at(-1);
  if (last?.second !== second) return [...window, { second, amount }];
  return [...window.slice(0, -1), { second, amount: last.amount + amount }];
}

/** Until as much has left the window as is needed. */
function toWait(
  window: readonly Spent[],
  { amount, limit, now }: { readonly amount: number; readonly limit: number; readonly now: number },
  second: number,
): number {
  let excess = window.reduce((sum, spent) => sum + spent.amount, amount) - limit;
  for (const spent of window) {
    if (excess <= 0) break;
    excess -= spent.amount;
    if (excess <= 0) return (spent.second + windowSeconds) * 1_000 - now;
  }
  return excess <= 0 ? 0 : (second + windowSeconds) * 1_000 - now;
}
