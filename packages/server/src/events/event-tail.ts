import type { RequestEvent } from '../core/request-events.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Service } from '../platform/service.ts';
import type { EventStore } from '../store/event-store.ts';
import type { Notifier } from './notifier.ts';

export interface EventTailOptions {
  readonly events: EventStore;
  readonly notifier: Pick<Notifier, 'onChanged'>;
  /** Told every event, whether somebody listens or not; also some that were there before the start. */
  readonly onEvent: (event: RequestEvent) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Whose events: those of one request, or those of all requests of an organization. */
export type Topic = { readonly requestId: string } | { readonly organizationId: string };

export interface Listener {
  /** Events come in order, and may have been told by the store already; it must not throw. */
  tell(event: RequestEvent): void;
  /** The process shuts down: nothing is told any more. */
  stop(): void;
}

/** The longest time without asking the store, in case a hint was lost. */
const pollMs = 1_000;
const batch = 500;
/** So many events from before the start are read, for whoever measures. */
const lookBack = 2_000;

/**
 * Reads the history as it grows, once for the whole process: on hints while somebody listens, and once a second. Hands each
 * event to those who listen for its request or its organization.
 */
export class EventTail implements Service {
  readonly #options: EventTailOptions;
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #stopping = new AbortController();
  #wake = new AbortController();
  #last = 0;
  #loop: Promise<void> = Promise.resolve();

  constructor(options: EventTailOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#last = Math.max(0, (await this.#options.events.last()) - lookBack);
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake.abort('woken');
    await this.#loop;
    for (const listener of [...this.#listeners.values()].flatMap((same) => [...same])) listener.stop();
  }

  /** Who listens first and asks the store then misses nothing. Call the returned function when done. */
  listen(topic: Topic, listener: Listener): () => void {
    const key = toKey(topic);
    const same = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, same.add(listener));
    if (this.#stopping.signal.aborted) listener.stop();
    return () => {
      same.delete(listener);
      if (same.size === 0 && this.#listeners.get(key) === same) this.#listeners.delete(key);
    };
  }

  async #run(): Promise<void> {
    const { notifier, clock, logger } = this.#options;
    // Nobody listens: what a hint tells of is read with the next poll, and a crowd of submits costs no reads.
    const forget = notifier.onChanged(() => {
      if (this.#listeners.size > 0) this.#wake.abort('woken');
    });
    while (!this.#stopping.signal.aborted) {
      // Replaced before the store is asked: a hint that comes meanwhile cuts the sleep short.
      this.#wake = new AbortController();
      const { signal } = this.#wake;
      await this.#readOn().catch((error: unknown) => logger.error({ event: 'events.unread', err: error }));
      if (!this.#stopping.signal.aborted) await clock.sleep(pollMs, signal);
    }
    forget();
  }

  async #readOn(): Promise<void> {
    for (;;) {
      const events = await this.#options.events.readAfter(this.#last, batch);
      for (const event of events) this.#tell(event);
      if (events.length < batch || this.#stopping.signal.aborted) return;
    }
  }

  #tell(event: RequestEvent): void {
    this.#last = event.seq;
    this.#options.onEvent(event);
    const { requestId, organizationId } = event;
    for (const topic of [{ requestId }, { organizationId }]) {
      for (const listener of this.#listeners.get(toKey(topic)) ?? []) listener.tell(event);
    }
  }
}

function toKey(topic: Topic): string {
  return 'requestId' in topic ? `request ${topic.requestId}` : `organization ${topic.organizationId}`;
}
