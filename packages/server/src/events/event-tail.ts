import { setImmediate } from 'node:timers/promises';
import type { RequestEvent } from '../core/request-events.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Service } from '../platform/service.ts';
import { createWakeLoop } from '../platform/wake-loop.ts';
import type { EventStore } from '../store/event-store.ts';
import type { Notifier } from './notifier.ts';

export interface EventTailOptions {
  readonly events: EventStore;
  readonly notifier: Pick<Notifier, 'onChanged'>;
  /** Called with every event, whether somebody listens or not, and with some from before the start. */
  readonly onEvent: (event: RequestEvent) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The events of one request, or those of all requests of an organization. */
export type Topic = { readonly requestId: string } | { readonly organizationId: string };

export interface TailListener {
  /** Events come in order; the listener may have read some of them from the store already. Must not throw. */
  tell(event: RequestEvent): void;
  /** The process shuts down: no event follows. */
  stop(): void;
}

/** The longest time without asking the store, in case a hint was lost. */
const pollMs = 1_000;
const batch = 500;
/** How many listeners hear of an event before the process does other work: the first have their answer before the last are told. */
const slice = 200;
/** How many events from before the start are read, so that the speed is known at once. */
const lookBack = 2_000;

/**
 * Reads the history as it grows, once for the whole process: on hints while somebody listens, and once a second. Hands each
 * event to the listeners of its request and its organization.
 */
export class EventTail implements Service {
  readonly #options: EventTailOptions;
  readonly #listeners = new Map<string, Set<TailListener>>();
  readonly #loop: Service;
  #isStopped = false;
  #last = 0;

  constructor(options: EventTailOptions) {
    this.#options = options;
    const { notifier, clock, logger } = options;
    this.#loop = createWakeLoop({
      event: 'events.unread',
      work: (stopping) => this.#readOn(stopping),
      longestPauseMs: pollMs,
      // While nobody listens, events are read with the next poll only: a crowd of submits costs no reads.
      hints: (wake) => notifier.onChanged(() => void (this.#listeners.size > 0 && wake())),
      clock,
      logger,
    });
  }

  async start(): Promise<void> {
    this.#last = Math.max(0, (await this.#options.events.last()) - lookBack);
    await this.#loop.start();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#loop.stop();
    for (const listener of [...this.#listeners.values()].flatMap((same) => [...same])) listener.stop();
  }

  /** A listener that asks the store only after this call misses nothing. Call the returned function when done. */
  listen(topic: Topic, listener: TailListener): () => void {
    const key = toKey(topic);
    const same = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, same.add(listener));
    if (this.#isStopped) listener.stop();
    return () => {
      same.delete(listener);
      if (same.size === 0 && this.#listeners.get(key) === same) this.#listeners.delete(key);
    };
  }

  async #readOn(stopping: AbortSignal): Promise<number> {
    for (;;) {
      const events = await this.#options.events.readAfter(this.#last, batch);
      for (const event of events) {
        this.#last = event.seq;
        this.#options.onEvent(event);
        if (this.#listeners.size > 0) await this.#tell(event);
      }
      if (events.length < batch || stopping.aborted) return pollMs;
    }
  }

  async #tell(event: RequestEvent): Promise<void> {
    const { requestId, organizationId } = event;
    let told = 0;
    for (const topic of [{ requestId }, { organizationId }]) {
      for (const listener of this.#listeners.get(toKey(topic)) ?? []) {
        listener.tell(event);
        told += 1;
        if (told % slice === 0) await setImmediate();
      }
    }
  }
}

function toKey(topic: Topic): string {
  return 'requestId' in topic ? `request ${topic.requestId}` : `organization ${topic.organizationId}`;
}
