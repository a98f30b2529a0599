import type { MachineClock } from '../../src/platform/clock.ts';

/**
 * A clock for tests that stands still until it is advanced. Time that passes (`advance`) and a clock that is set
 * (`step`) are different things, as on a real machine.
 */
export class ManualClock implements MachineClock {
  #now: number;
  #passedMs = 0;
  readonly #sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();

  constructor(now = 1_761_763_441_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#passedMs;
  }

  /** How many sleeps are under way. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper = { at: this.#passedMs + ms, wake: () => this.#wake(sleeper, resolve) };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', sleeper.wake, { once: true });
    });
  }

  /** Advances time by `ms` and wakes every sleep that is due, the earliest first. */
  advance(ms: number): void {
    this.#now += ms;
    this.#passedMs += ms;
    const due = [...this.#sleepers].filter((sleeper) => sleeper.at <= this.#passedMs).sort((a, b) => a.at - b.at);
    for (const sleeper of due) sleeper.wake();
  }

  /** Sets the clock forward by `ms`, or back, without any time passing: sleeps do not notice. */
  step(ms: number): void {
    this.#now += ms;
  }

  #wake(sleeper: { readonly at: number; readonly wake: () => void }, resolve: () => void): void {
    if (this.#sleepers.delete(sleeper)) resolve();
  }
}
