/** What a piece of decoding needs from the machine. */
export interface DecodeLoad {
  /** The most memory that it can take. A value above the total counts as the total. */
  readonly bytes: number;
  /** Is it for somebody who views pictures, and not for making them? Only one such piece runs at a time, in a place of its own. */
  readonly isAside?: boolean;
}

export interface DecodeLimits {
  /** How many pieces of work run at the same time; beside them, one piece for a viewer. */
  readonly places: number;
  /** The memory that all running pieces may take together. */
  readonly bytes: number;
  /** What a piece for a viewer leaves of it for work. A piece that needs more waits until there is no work. */
  readonly workBytes: number;
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
 * kind waits forever. Work comes before pieces for viewers, which never take a place of it.
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
      this.#freeBytes += bytes;
      if (isAside) this.#asides -= 1;
      else this.#freePlaces += 1;
      this.#beginThoseThatFit();
    }
  }

  #beginThoseThatFit(): void {
    const passed: Waiting[] = [];
    const stay: Waiting[] = [];
    let isBarred = false;
    for (const one of this.#waiting.toSorted((a, b) => Number(a.isAside) - Number(b.isAside))) {
      if (isBarred || !this.#fits(one)) {
        stay.push(one);
        if (!one.isAside && one.bytes > this.#freeBytes) passed.push(one);
        isBarred ||= passed.some(({ overtaken }) => overtaken >= maxOvertaken);
        continue;
      }
      this.#freeBytes -= one.bytes;
      if (one.isAside) this.#asides += 1;
      else this.#freePlaces -= 1;
      for (const large of passed) large.overtaken += 1;
      one.begin();
    }
    this.#waiting = stay;
  }

  #fits({ bytes, isAside }: Waiting): boolean {
    if (bytes > this.#freeBytes) return false;
    if (!isAside) return this.#freePlaces > 0;
    return this.#asides === 0 && (this.#freeBytes - bytes >= this.#limits.workBytes || this.#isIdle);
  }

  get #isIdle(): boolean {
    return this.#freePlaces === this.#limits.places && this.#waiting.every(({ isAside }) => isAside);
  }
}
