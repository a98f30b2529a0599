import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { type OnDamage, toTables } from '../../damage/to-tables.ts';
import { isDamage } from './failures.ts';

export interface LazyDatabaseOptions {
  /** How long a statement waits for another process, in milliseconds. */
  readonly timeout: number;
  readonly onDamage?: OnDamage | undefined;
}

/**
 * A database that prepares a statement when it is used for the first time. A store has 160 statements, which take 15 ms to
 * prepare, and most commands use a few of them.
 */
export class LazyDatabase extends DatabaseSync {
  /** Statements that run outside of a transaction throw: they would see commits that are not flushed yet. */
  isOnlyForWrites = false;
  readonly #onDamage: LazyDatabaseOptions['onDamage'];

  constructor(file: string, { timeout, onDamage }: LazyDatabaseOptions) {
    super(file, { timeout });
    this.#onDamage = onDamage;
  }

  /** Mistakes in the SQL show at the first use. */
  override prepare(sql: string): StatementSync {
    let prepared: StatementSync | undefined;
    const using = <Result>(work: (statement: StatementSync) => Result): Result => {
      if (this.isOnlyForWrites && !this.isTransaction && sql !== 'PRAGMA data_version')
        throw new Error(wrongConnection);
      try {
        prepared ??= super.prepare(sql);
        return work(prepared);
      } catch (error) {
        if (isDamage(error)) this.#onDamage?.(toTables(sql));
        throw error;
      }
    };
    const lazy = {
      get: (...values: SQLInputValue[]) => using((statement) => statement.get(...values)),
      all: (...values: SQLInputValue[]) => using((statement) => statement.all(...values)),
      iterate: (...values: SQLInputValue[]) => using((statement) => statement.iterate(...values)),
      run: (...values: SQLInputValue[]) => using((statement) => statement.run(...values)),
      setReadBigInts: (isEnabled: boolean) => using((statement) => statement.setReadBigInts(isEnabled)),
    };
    return lazy as unknown as StatementSync; // the store uses nothing else of a statement
  }
}

const wrongConnection = 'What is read outside of a write is prepared on the connection of the reads (`reads.db`).';
