import type { DatabaseSync } from 'node:sqlite';
import { toRejection } from './failures.ts';
import { prepareQuery, type Query } from './statement.ts';

/**
 * All reads of one turn of the event loop share one transaction and see one state. Outside of a transaction, SQLite locks its
 * file for every statement: a find takes 8.8 µs outside and 4.9 µs inside (strace shows the two system calls).
 *
 * The start of a turn also shows whether another process has written since the last one.
 */
export class ReadTurn {
  readonly #db: DatabaseSync;
  readonly #dataVersion: Query<{ readonly data_version: number }>;
  readonly #onForeignWrite: () => void;
  #version: number | undefined;
  #isOpen = false;

  constructor(db: DatabaseSync, onForeignWrite: () => void) {
    this.#db = db;
    this.#dataVersion = prepareQuery(db, 'PRAGMA data_version');
    this.#onForeignWrite = onForeignWrite;
  }

  /** `work` is synchronous and only reads. What it throws affects no other read. */
  read<T>(work: () => T): T {
    try {
      if (!this.#isOpen) this.#begin();
      return work();
    } catch (error) {
      throw toRejection(error);
    }
  }

  /** Ends the turn early, because a write needs its own transaction. */
  end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    // A failing disk may have ended it already.
    if (this.#db.isOpen && this.#db.isTransaction) this.#endTransaction();
  }

  /**
   * Never throws: no caller could act on the error, and nothing was written that could be lost. After a failed read, of a damaged
   * page for example, a COMMIT may fail as well.
   */
  #endTransaction(): void {
    try {
      this.#db.exec('COMMIT');
    } catch {
      rollBack(this.#db);
    }
  }

  #begin(): void {
    this.#db.exec('BEGIN');
    this.#isOpen = true;
    setImmediate(() => this.end());
    // Our own writes do not change it: https://www.sqlite.org/pragma.html#pragma_data_version
    const version = this.#dataVersion.get()?.data_version;
    if (version !== this.#version) this.#onForeignWrite();
    this.#version = version;
  }
}

function rollBack(db: DatabaseSync): void {
  try {
    if (db.isTransaction) db.exec('ROLLBACK');
  } catch {
    // The next read or write reports what is wrong.
  }
}
