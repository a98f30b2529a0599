import type { Clock } from '../platform/clock.ts';
import type { RequestStore } from './request-store.ts';

export interface WatchedWork {
  /** The same store. */
  readonly store: RequestStore;
  /** Rejects with a sentence while the writes of workers have failed for some seconds. */
  check(): Promise<void>;
}

/** A single failure is no outage: the next try may succeed. */
const patienceMs = 5_000;
/** Claims are tried every second and settlements every five: what has not failed for this long is no longer tried. */
const forgetMs = 30_000;

/** Watches the writes that accepted requests depend on: a database can answer a check and still refuse these. */
export function watchWork(store: RequestStore, clock: Clock): WatchedWork {
  const watched: Watch[] = [];
  const watching = <Given extends readonly unknown[], Result>(
    what: string,
    write: (...given: Given) => Promise<Result>,
  ): ((...given: Given) => Promise<Result>) => {
    const watch = new Watch(what, clock);
    watched.push(watch);
    return async (...given) => {
      try {
        const result = await write(...given);
        watch.worked();
        return result;
      } catch (error) {
        watch.failed(error);
        throw error;
      }
    };
  };
  return {
    store: {
      ...store,
      claim: watching('Claims', store.claim),
      settle: watching('Settlements', store.settle),
      rescue: watching('Rescues', store.rescue),
      expire: watching('Expiries', store.expire),
      moveUp: watching('Moves to the next service tier', store.moveUp),
    },
    check: async () => {
      const sentences = watched.flatMap((watch) => watch.complaint() ?? []);
      if (sentences.length > 0) throw new Error(sentences.join(' '));
    },
  };
}

class Watch {
  readonly #what: string;
  readonly #clock: Clock;
  /** When the current series of failures began, and the last of them. */
  #failing: { readonly since: number; readonly at: number; readonly error: unknown } | undefined;

  constructor(what: string, clock: Clock) {
    this.#what = what;
    this.#clock = clock;
  }

  worked(): void {
    this.#failing = undefined;
  }

  failed(error: unknown): void {
    const at = this.#clock.now();
    this.#failing = { since: this.#failing?.since ?? at, at, error };
  }

  complaint(): string | undefined {
    const now = this.#clock.now();
    if (!this.#failing || now - this.#failing.at > forgetMs || now - this.#failing.since < patienceMs) return undefined;
    const { since, error } = this.#failing;
    const reason = error instanceof Error ? error.message : 'the log says why';
    return `${this.#what} have failed since ${new Date(since).toISOString()}: ${reason}`;
  }
}
