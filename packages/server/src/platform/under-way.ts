import type { Clock } from './clock.ts';
import { drain } from './drain.ts';

/** Pieces of work that go on beside a loop, and how they end when the process stops. */
export class UnderWay {
  readonly #running = new Set<Promise<void>>();
  readonly #cutOff = new AbortController();
  readonly #reason: string;

  /** @param reason Why the work is cut off, as a sentence. */
  constructor(reason: string) {
    this.#reason = reason;
  }

  get size(): number {
    return this.#running.size;
  }

  /** Aborts when the work is cut off. */
  get signal(): AbortSignal {
    return this.#cutOff.signal;
  }

  /** The work must not reject. `onEnd` is called once it is no longer counted. */
  add(work: Promise<void>, onEnd: () => void = () => undefined): void {
    const counted = work.finally(() => {
      this.#running.delete(counted);
      onEnd();
    });
    this.#running.add(counted);
  }

  cutOff(): void {
    this.#cutOff.abort(new Error(this.#reason));
  }

  /** Waits `ms` for the work to end by itself, then cuts it off and waits for its end. */
  drain({ ms, clock }: { readonly ms: number; readonly clock: Clock }): Promise<void> {
    return drain(this.#running, { ms, cutOff: this.#cutOff, reason: new Error(this.#reason), clock });
  }
}
