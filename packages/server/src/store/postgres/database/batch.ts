import { StoreUnavailableError } from '../../store-errors.ts';

export interface BatchOptions<Item, Result> {
  /** Does all items in one transaction; returns results in the order of the items. */
  readonly run: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Of two items with the same key, the later one waits for a batch after that of the earlier one. */
  readonly keyOf?: (item: Item) => string;
  /** How much of a batch an item takes; at least 1. */
  readonly weightOf?: (item: Item) => number;
  /** How many batches may be under way. */
  readonly parallel?: number;
}

const maxWeight = 256;

interface Entry<Item, Result> {
  readonly item: Item;
  /** Items without a key get a unique one. */
  readonly key: string | symbol;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Items that arrive in one turn of the event loop, or while the previous batch is under way, go to the database as one
 * transaction: they share the round trips and one flush to the disk. When a batch fails, its items are done one by one, so that
 * only the item at fault fails.
 *
 * Differs from the twin because each statement is a round trip here, and only items of one kind can share their statements.
 * SQLite's group commit runs any writes one after the other.
 */
export class Batch<Item, Result> {
  readonly #options: BatchOptions<Item, Result>;
  #waiting: Entry<Item, Result>[] = [];
  readonly #underWay = new Set<string | symbol>();
  #isScheduled = false;
  #isClosed = false;
  readonly #batches = new Set<Promise<void>>();

  constructor(options: BatchOptions<Item, Result>) {
    this.#options = options;
  }

  add(item: Item): Promise<Result> {
    if (this.#isClosed) return Promise.reject(new Error('The store is closed.'));
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.#waiting.push({ item, key: this.#options.keyOf?.(item) ?? Symbol(), resolve, reject });
    this.#schedule();
    return promise;
  }

  /** Refuses items from now on; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#waiting.length > 0 || this.#batches.size > 0) {
      this.#start();
      await Promise.race(this.#batches);
    }
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#start();
    });
  }

  #start(): void {
    const { parallel = 1 } = this.#options;
    while (this.#waiting.length > 0 && this.#batches.size < parallel) {
      const group = this.#take();
      if (group.length === 0) return;
      const batch = this.#run(group).finally(() => {
        this.#batches.delete(batch);
        for (const { key } of group) this.#underWay.delete(key);
        this.#start();
      });
      for (const { key } of group) this.#underWay.add(key);
      this.#batches.add(batch);
    }
  }

  #take(): readonly Entry<Item, Result>[] {
    const { weightOf = () => 1 } = this.#options;
    const group: Entry<Item, Result>[] = [];
    const left: Entry<Item, Result>[] = [];
    const taken = new Set(this.#underWay);
    let weight = 0;
    for (const entry of this.#waiting) {
      const fits = group.length === 0 || weight + weightOf(entry.item) <= maxWeight;
      if (fits && !taken.has(entry.key)) {
        group.push(entry);
        weight += weightOf(entry.item);
      } else {
        left.push(entry);
      }
      taken.add(entry.key);
    }
    this.#waiting = left;
    return group;
  }

  async #run(group: readonly Entry<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#options.run(group.map(({ item }) => item));
      for (const [index, { resolve, reject }] of group.entries()) {
        const result = results[index];
        if (index < results.length)
          resolve(result as Result); // there: the index is below the length
        else reject(new Error('A batch returned fewer results than it had items.'));
      }
    } catch (error) {
      const isOneAtFault = group.length > 1 && !(error instanceof StoreUnavailableError);
      if (isOneAtFault) for (const entry of group) await this.#run([entry]);
      else for (const { reject } of group) reject(error);
    }
  }
}
