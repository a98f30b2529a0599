import type { Logger } from '../../platform/logger.ts';
import { UnreadableRowError } from '../rows/request-rows.ts';

/*
 * Damage: rows that a database refuses to read or to write must not stop the rest. The rules here are the same for both databases,
 * which say only which of their errors are the fault of a row.
 */

/** Is it an error that the code that reads a row throws when the row is not what it should be? */
export function isStumble(error: unknown): boolean {
  return (
    error instanceof UnreadableRowError ||
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof SyntaxError
  );
}

/** Records the rows that a run handles, so that the row at fault is known when the run fails. */
export class Trace {
  /** Does the run handle only one row? Then the row that it touched last is at fault. */
  readonly isAlone: boolean;
  /** Rows that the run leaves out. */
  readonly aside: ReadonlySet<string>;
  #last: string | undefined;

  constructor(options: { readonly isAlone: boolean; readonly aside: ReadonlySet<string> }) {
    this.isAlone = options.isAlone;
    this.aside = options.aside;
  }

  touch(id: string): void {
    this.#last = id;
  }

  get last(): string | undefined {
    return this.#last;
  }

  /** The rows that the run may handle, at most `limit`. The caller reads `aside.size` rows more than that. */
  choose<Row>(rows: readonly Row[], { idOf, limit }: { readonly idOf: (row: Row) => string; readonly limit: number }) {
    const left = this.aside.size === 0 ? rows : rows.filter((row) => !this.aside.has(idOf(row)));
    return left.slice(0, limit);
  }
}

export interface PoisonedRowsOptions {
  /** Is the fault in what a row holds, so that other rows may succeed? */
  readonly isRowFault: (error: unknown) => boolean;
  /** The database's code for a fault, for the log. */
  readonly toCode: (error: unknown) => string | number | undefined;
  /** Ends the row, so that no batch meets it again. `false`: there is nothing to end. */
  readonly end: (id: string, now: number) => Promise<boolean>;
  /** Describes a row for the log. */
  readonly toFacts: (id: string) => { readonly event: string } & Readonly<Record<string, string>>;
  readonly logger: Logger | undefined;
}

export interface IsolatedBatch<Item> {
  /** What could not be done to a row, for the log. */
  readonly what: string;
  readonly now: number;
  readonly limit: number;
  /** Handles up to `limit` rows in one transaction, and touches each in the trace before it handles it. */
  readonly run: (limit: number, trace: Trace) => Promise<readonly Item[]>;
  /** Does this item show that not all rows are at fault? By default every item does. */
  readonly isProof?: (item: Item) => boolean;
}

/** When more rows than this are at fault and none succeeds in between, the fault may be elsewhere: they are left out and not ended. */
const maxEndedInARow = 3;
/** A batch gives up after this many faults; the next one goes on. */
const maxFaults = 10;
/** A row that was not ended is tried again after this time. */
const asideMs = 60_000;
const maxAside = 1_000;

/**
 * A row that a database refuses to read or to write never stops a batch. A batch that fails because of such a row is done row by row;
 * the row at fault is named in the log and ended. A row that cannot even be ended is left out for a while.
 */
export class PoisonedRows {
  readonly #options: PoisonedRowsOptions;
  /** The time until which each row is left out. */
  readonly #aside = new Map<string, number>();
  /** The rows at fault since a row last succeeded. */
  readonly #inARow = new Set<string>();
  #lastFault: unknown;

  constructor(options: PoisonedRowsOptions) {
    this.#options = options;
  }

  /** Rejects when nothing could be done and the row at fault is not known or not ended, or when the fault may be elsewhere. */
  async isolate<Item>(batch: IsolatedBatch<Item>): Promise<readonly Item[]> {
    const trace = this.#trace(batch.now, { isAlone: false });
    let items: readonly Item[];
    try {
      items = await batch.run(batch.limit, trace);
    } catch (error) {
      if (!this.#options.isRowFault(error)) throw error;
      return await this.#oneByOne(batch);
    }
    this.#trust(items, batch);
    if (items.length === 0 && trace.aside.size > 0 && this.#inARow.size > maxEndedInARow) throw this.#lastFault;
    return items;
  }

  /** Something succeeded elsewhere, so not all rows are at fault. */
  worked(): void {
    this.#inARow.clear();
  }

  /** Rows that are left out at this time. */
  aside(now: number): ReadonlySet<string> {
    for (const [id, until] of this.#aside) if (until <= now) this.#aside.delete(id);
    return new Set(this.#aside.keys());
  }

  /** Tries the ways in order until the database accepts one; each way leaves out more than the one before. */
  async insist<Result>(
    id: string,
    { what, ways }: { readonly what: string; readonly ways: readonly (() => Promise<Result>)[] },
  ): Promise<Result> {
    let failure: unknown;
    for (const way of ways) {
      try {
        return await way();
      } catch (error) {
        if (!this.#options.isRowFault(error)) throw error;
        this.#log(id, error, { what });
        failure = error;
      }
    }
    throw failure;
  }

  /** What was done before an error is kept and returned; the next batch meets the error again. */
  async #oneByOne<Item>(batch: IsolatedBatch<Item>): Promise<readonly Item[]> {
    const { what, now, limit, run } = batch;
    const items: Item[] = [];
    let unended: unknown;
    for (let faults = 0; items.length < limit && faults < maxFaults; ) {
      const trace = this.#trace(now, { isAlone: true });
      try {
        const some = await run(1, trace);
        if (some.length === 0) break;
        items.push(...some);
        this.#trust(some, batch);
      } catch (error) {
        faults += 1;
        const fate = await this.#putAway(error, { what, now, trace });
        if (fate !== 'ended') unended = error;
        if (fate === 'unknown') break;
      }
    }
    if (items.length === 0 && unended !== undefined) throw unended;
    return items;
  }

  #trust<Item>(items: readonly Item[], { isProof = () => true }: Pick<IsolatedBatch<Item>, 'isProof'>): void {
    if (items.some(isProof)) this.worked();
  }

  async #putAway(
    error: unknown,
    { what, now, trace }: { readonly what: string; readonly now: number; readonly trace: Trace },
  ): Promise<'ended' | 'aside' | 'unknown'> {
    const id = error instanceof UnreadableRowError ? error.id : trace.last;
    if (id === undefined || !this.#options.isRowFault(error) || this.#aside.size >= maxAside) return 'unknown';
    this.#inARow.add(id);
    this.#lastFault = error;
    const isEnded = this.#inARow.size <= maxEndedInARow && (await this.#end(id, now));
    this.#log(id, error, { what, is_ended: isEnded });
    if (!isEnded) this.#aside.set(id, now + asideMs);
    return isEnded ? 'ended' : 'aside';
  }

  #end(id: string, now: number): Promise<boolean> {
    return this.#options.end(id, now).catch((error: unknown) => {
      this.#log(id, error, { what: 'end' });
      return false;
    });
  }

  #trace(now: number, { isAlone }: { readonly isAlone: boolean }): Trace {
    return new Trace({ isAlone, aside: this.aside(now) });
  }

  /** Does not log the error itself: PostgreSQL's has the whole row in its details. */
  #log(id: string, error: unknown, facts: Readonly<Record<string, unknown>>): void {
    const { toFacts, toCode, logger } = this.#options;
    const reason = error instanceof Error ? error.message : undefined;
    logger?.error({ ...toFacts(id), ...facts, code: toCode(error), reason });
  }
}
