import type { Clock } from '../platform/clock.ts';

export interface CallLimitOptions {
  /** Ends the call when the server stops. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** What may end a call early: the caller's signal or the deadline, which covers the whole call. */
export class CallLimit {
  /** Aborts when either of them ends the call. */
  readonly signal: AbortSignal;
  readonly #deadline = new AbortController();
  readonly #released = new AbortController();
  readonly #interruption: AbortSignal;

  constructor({ signal, timeoutMs, clock }: CallLimitOptions) {
    this.#interruption = signal;
    this.signal = AbortSignal.any([signal, this.#deadline.signal]);
    void this.#expire(clock.sleep(timeoutMs, this.#released.signal));
  }

  /** What ended the call early, if anything did. */
  get cause(): 'interrupted' | 'timeout' | undefined {
    if (!this.signal.aborted) return undefined;
    return this.signal.reason === this.#interruption.reason ? 'interrupted' : 'timeout';
  }

  /** Call it when the call is over; it removes the timer of the deadline. */
  release(): void {
    this.#released.abort();
  }

  async #expire(sleep: Promise<void>): Promise<void> {
    await sleep;
    if (!this.#released.signal.aborted) this.#deadline.abort();
  }
}
