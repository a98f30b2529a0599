import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

/**
 * A database that prepares a statement when it is used for the first time. A store has 160 statements, which take 15 ms to
 * prepare, and most commands use a few of them.
 */
export class LazyDatabase extends DatabaseSync {
  /** Mistakes in the SQL show at the first use. */
  override prepare(sql: string): StatementSync {
    let prepared: StatementSync | undefined;
    const statement = () => {
      prepared ??= super.prepare(sql);
      return prepared;
    };
    const lazy = {
      get: (...values: SQLInputValue[]) => statement().get(...values),
      all: (...values: SQLInputValue[]) => statement().all(...values),
      iterate: (...values: SQLInputValue[]) => statement().iterate(...values),
      run: (...values: SQLInputValue[]) => statement().run(...values),
      setReadBigInts: (isEnabled: boolean) => statement().setReadBigInts(isEnabled),
    };
    return lazy as unknown as StatementSync; // the store uses nothing else of a statement
  }
}
