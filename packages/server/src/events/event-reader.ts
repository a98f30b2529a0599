import type { RequestEvent } from '../core/request-events.ts';
import type { TailListener } from './event-tail.ts';

/** A reader took too little for too long. It can continue after the last event that it got. */
export class ReaderTooSlowError extends Error {
  override readonly name = 'ReaderTooSlowError';
}

/**
 * How many events may wait for one reader, and how many bytes of them. Readers share events: an event that waits for
 * two readers is in memory once.
 */
const maxEvents = 1_000;
const maxBytes = 256 * 1024;

/** Events that were handed over but not read yet. */
export class EventReader implements TailListener {
  #events: RequestEvent[] = [];
  #bytes = 0;
  #isStopped = false;
  #isTooSlow = false;
  #wake: () => void = () => undefined;

  tell(event: RequestEvent): void {
    this.#bytes += toBytes(event);
    this.#isTooSlow ||= this.#events.length >= maxEvents || this.#bytes > maxBytes;
    if (this.#isTooSlow) this.#events = [];
    else this.#events.push(event);
    this.#wake();
  }

  stop(): void {
    this.#isStopped = true;
    this.#wake();
  }

  /** The waiting events, in order; waits until there is one. Empty after a stop. Throws `ReaderTooSlowError`. */
  async take(): Promise<readonly RequestEvent[]> {
    while (this.#events.length === 0 && !this.#isStopped && !this.#isTooSlow) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    if (this.#isTooSlow) throw new ReaderTooSlowError('The reader was too slow');
    const events = this.#events;
    this.#events = [];
    this.#bytes = 0;
    return this.#isStopped ? [] : events;
  }
}

/** Roughly the size of its JSON: every event has the same keys, and only an address may be long. */
function toBytes({ moment }: RequestEvent): number {
  return 250 + (moment.kind === 'called-back' ? moment.url.length : 0);
}
