import type { Clock } from '../platform/clock.ts';

const beatMs = 1_000;
/** How many reads of the queue one beat may make. A stream that got none is first in the next beat. */
const maxLooks = 200;

export interface Beat {
  readonly now: number;
  /**
   * What the queue says about the request. All streams of a request share one read in a beat. `undefined`: the beat has made as
   * many reads as it may, so this one has to wait.
   */
  look(organizationId: string, requestId: string): Promise<string | undefined> | undefined;
}

export type Look = (organizationId: string, requestId: string) => Promise<string | undefined>;
type OnBeat = (beat: Beat) => void;

/** Wakes the open streams once a second. They share one timer, which runs while there are any. */
export class Pulse {
  readonly #clock: Clock;
  readonly #look: Look;
  readonly #members = new Set<OnBeat>();
  #first: OnBeat | undefined;
  #rest = new AbortController();

  constructor(clock: Clock, look: Look) {
    this.#clock = clock;
    this.#look = look;
  }

  /** Calls `onBeat`, which must not throw, in every beat until the returned function is called. */
  join(onBeat: OnBeat): () => void {
    this.#members.add(onBeat);
    if (this.#members.size === 1) void this.#run();
    return () => {
      this.#members.delete(onBeat);
      if (this.#members.size === 0) this.#rest.abort();
    };
  }

  async #run(): Promise<void> {
    this.#rest = new AbortController();
    const { signal } = this.#rest;
    for (;;) {
      await this.#clock.sleep(beatMs, signal);
      if (signal.aborted) return;
      this.#beat();
    }
  }

  #beat(): void {
    const members = [...this.#members];
    const start = this.#first ? Math.max(0, members.indexOf(this.#first)) : 0;
    this.#first = undefined;
    const looks = new Map<string, Promise<string | undefined>>();
    for (const onBeat of [...members.slice(start), ...members.slice(0, start)]) {
      onBeat({
        now: this.#clock.now(),
        look: (organizationId, requestId) => {
          const known = looks.get(requestId);
          if (known) return known;
          if (looks.size >= maxLooks) {
            this.#first ??= onBeat;
            return undefined;
          }
          const look = this.#look(organizationId, requestId);
          looks.set(requestId, look);
          return look;
        },
      });
    }
  }
}
