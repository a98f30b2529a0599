import type { Clock } from '../../src/platform/clock.ts';

/**
 * The machine's clock, some time ahead or behind. When it is set on, sleeps whose time has come end, so that minutes pass
 * in an instant; when it is set back they stay as long as they were, as with the real one.
 */
export class JumpingClock implements Clock {
  #aheadMs: number;
  readonly #sleepers = new Set<{ wakeAt: number; readonly wake: () => void }>();

  constructor(aheadMs: number) {
    this.#aheadMs = aheadMs;
  }

  now(): number {
    return Date.now() + this.#aheadMs;
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
    const sleeper = { wakeAt: this.now() + ms, wake };
    this.#sleepers.add(sleeper);
    signal?.addEventListener('abort', wake);
    return promise;
  }

  /** From now on it is so far ahead of the machine's. */
  set(aheadMs: number): void {
    const byMs = aheadMs - this.#aheadMs;
    this.#aheadMs = aheadMs;
    if (byMs < 0) for (const sleeper of this.#sleepers) sleeper.wakeAt += byMs;
    const now = this.now();
    for (const sleeper of [...this.#sleepers].sort((a, b) => a.wakeAt - b.wakeAt)) {
      if (sleeper.wakeAt <= now) sleeper.wake();
    }
  }
}
