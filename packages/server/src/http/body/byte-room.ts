/** Returns what was taken; a second call does nothing. */
export type Release = () => void;

/** Room for bytes that are held in memory. A taker that finds no room waits, in order, until others have returned theirs. */
export class ByteRoom {
  #free: number;
  readonly #waiting: { readonly bytes: number; readonly enter: (release: Release) => void }[] = [];

  constructor(bytes: number) {
    this.#free = bytes;
  }

  /** Never resolves for more bytes than the whole room has. */
  take(bytes: number): Promise<Release> {
    return new Promise((enter) => {
      this.#waiting.push({ bytes, enter });
      this.#letIn();
    });
  }

  #letIn(): void {
    for (let next = this.#waiting[0]; next && next.bytes <= this.#free; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#free -= next.bytes;
      next.enter(this.#toRelease(next.bytes));
    }
  }

  #toRelease(bytes: number): Release {
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#free += bytes;
      this.#letIn();
    };
  }
}
