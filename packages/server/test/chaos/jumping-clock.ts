import type { MachineClock } from '../../src/platform/clock.ts';

/** How the clock differs from that of the machine. */
export interface ClockState {
  /** So much more time has passed. */
  readonly aheadMs: number;
  /** By so much it has been set on, without any time passing; negative: back. */
  readonly steppedMs: number;
}

/**
 * The machine's clock, some time ahead or behind. Time that passes ends the sleeps whose time has come, so that minutes pass in
 * an instant; when the clock is set, they stay as long as they were, as with the real one.
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

  /** From now on it is as far ahead; the time that has passed only ever grows. */
  set(state: ClockState): void {
    this.#state = state;
    const now = this.monotonic();
    for (const sleeper of [...this.#sleepers].sort((a, b) => a.wakeAt - b.wakeAt)) {
      if (sleeper.wakeAt <= now) sleeper.wake();
    }
  }
}
