/** What a piece of decoding needs from the machine. */
export interface DecodeLoad {
  /** The most memory that it can take. A value above the total counts as the total. */
  readonly bytes: number;
  /** Is it for somebody who views pictures, and not for making them? Only one such piece runs at a time. */
  readonly isAside?: boolean;
}

export interface DecodeLimits {
  /** How many pieces run at the same time. */
  readonly places: number;
  /** The memory that all running pieces may take together. */
  readonly bytes: number;
}

interface Waiting extends DecodeLoad {
  readonly begin: () => void;
  overtaken: number;
}

/** How many later, smaller pieces may pass a large one before they wait for it. */
const maxOvertaken = 8;

/**
 * Lets pieces of decoding take turns by the memory that they need. They run in the order in which they came, except
 * that smaller pieces pass a large one that does not fit yet. This happens a limited number of times, so that neither
 * kind waits forever.
 */
export class DecodeTurns {
  #freePlaces: number;
  #freeBytes: number;
  #asides = 0;
  #waiting: Waiting[] = [];
  readonly #limits: DecodeLimits;

  constructor(limits: DecodeLimits) {
    this.#limits = limits;
    this.#freePlaces = limits.places;
    this.#freeBytes = limits.bytes;
  }

  async run<T>(load: DecodeLoad, work: () => Promise<T>): Promise<T> {
    const { isAside = false } = load;
    const bytes = Math.min(load.bytes, this.#limits.bytes);
    await new Promise<void>((begin) => {
      this.#waiting.push({ bytes, isAside, begin, overtaken: 0 });
      this.#beginThoseThatFit();
    });
    try {
      return await work();
    } finally {
      this.#freePlaces += 1;
      this.#freeBytes += bytes;
      if (isAside) this.#asides -= 1;
      this.#beginThoseThatFit();
    }
  }

  #beginThoseThatFit(): void {
    const passed: Waiting[] = [];
    const stay: Waiting[] = [];
    let isBarred = false;
    for (const one of this.#waiting) {
      if (isBarred || !this.#fits(one)) {
        stay.push(one);
        if (!one.isAside && one.bytes > this.#freeBytes) passed.push(one);
        isBarred ||= passed.some(({ overtaken }) => overtaken >= maxOvertaken);
        continue;
      }
      this.#freePlaces -= 1;
      this.#freeBytes -= one.bytes;
      if (one.isAside) this.#asides += 1;
      for (const large of passed) large.overtaken += 1;
      one.begin();
    }
    this.#waiting = stay;
  }

  #fits({ bytes, isAside }: Waiting): boolean {
    return this.#freePlaces > 0 && bytes <= this.#freeBytes && !(isAside && this.#asides > 0);
  }
}
