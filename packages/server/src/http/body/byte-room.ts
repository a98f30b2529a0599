/** Returns what was taken; a second call does nothing. */
export type Release = () => void;

interface Taker {
  readonly who: string;
  readonly bytes: number;
  readonly enter: (release: Release) => void;
}

/**
 * Room for bytes that are held in memory. A taker that finds no room waits, in order, until others have returned theirs. No one
 * gets more than three quarters of the room at a time, so that there is always room for others.
 */
export class ByteRoom {
  readonly #share: number;
  #free: number;
  readonly #held = new Map<string, number>();
  readonly #waiting: Taker[] = [];

  constructor(bytes: number) {
    this.#free = bytes;
    this.#share = (bytes * 3) / 4;
  }

  /** Never resolves for more bytes than the whole room has. */
  take(bytes: number, who: string): Promise<Release> {
    return new Promise((enter) => {
      this.#waiting.push({ who, bytes, enter });
      this.#letIn();
    });
  }

  /** Those who have their share are passed over; the first of the others is waited for. */
  #letIn(): void {
    for (;;) {
      const index = this.#waiting.findIndex((taker) => this.#isWithinShare(taker));
      const next = this.#waiting[index];
      if (!next || next.bytes > this.#free) return;
      this.#waiting.splice(index, 1);
      this.#hold(next.who, next.bytes);
      next.enter(this.#toRelease(next));
    }
  }

  /** The first bytes of someone are always within the share, however many they are. */
  #isWithinShare({ who, bytes }: Taker): boolean {
    const held = this.#held.get(who) ?? 0;
    return held === 0 || held + bytes <= this.#share;
  }

  #hold(who: string, bytes: number): void {
    this.#free -= bytes;
    const held = (this.#held.get(who) ?? 0) + bytes;
    if (held > 0) this.#held.set(who, held);
    else this.#held.delete(who);
  }

  #toRelease({ who, bytes }: Taker): Release {
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#hold(who, -bytes);
      this.#letIn();
    };
  }
}
