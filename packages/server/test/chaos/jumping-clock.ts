import type { MachineClock } from '../../src/platform/clock.ts';

/** The difference between the clock and the machine's clock. */
export interface ClockState {
  /** How much more time has passed. */
  readonly aheadMs: number;
  /** How far it was set forward without any time passing; negative when it was set back. */
  readonly steppedMs: number;
}

/**
 * The machine's clock, ahead or behind. When time passes, it ends the sleeps that are due, so that minutes pass in an
 * instant. When the clock is set, sleeps keep their length, as with a real clock.
 */
export class JumpingClock implements MachineClock {
  #state: ClockState;
  readonly #sleepers = new Set<{ readonly wakeAt: number; readonly wake: () => void }>();

  constructor(state: ClockState) {
    this.#state = state;
  }

  now(): number {
    return Date.now() + this.#state.aheadMs + this.#state.steppedMs;
  }

  monotonic(): number {
    return performance.now() + this.#state.aheadMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', wake);
      this.#sleepers.delete(sleeper);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    const sleeper = { wakeAt: this.monotonic() + ms, wake };
    this.#sleepers.add(sleeper);
    signal?.addEventListener('abort', wake);
    return promise;
  }

  /** From now on the clock is this far ahead; the time that has passed only grows. */
  set(state: ClockState): void {
    this.#state = state;
    const now = this.monotonic();
    for (const sleeper of [...this.#sleepers].sort((a, b) => a.wakeAt - b.wakeAt)) {
      if (sleeper.wakeAt <= now) sleeper.wake();
    }
  }
}
