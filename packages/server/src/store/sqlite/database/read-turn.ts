import type { DatabaseSync } from 'node:sqlite';
import { toRejection } from './failures.ts';
import { prepareQuery, type Query } from './statement.ts';

/**
 * All reads of one turn of the event loop share one transaction and see one state. SQLite locks its file for every
 * statement outside of one: a find takes 8.8 µs alone and 4.9 µs inside (strace shows the two system calls).
 *
 * The start of a turn also tells whether another process has written since the last one.
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

  /** `work` is synchronous and only reads. What it throws, nobody else hears of. */
  read<T>(work: () => T): T {
    try {
      if (!this.#isOpen) this.#begin();
      return work();
    } catch (error) {
      throw toRejection(error);
    }
  }

  /** Ends the turn early: writes need a transaction of their own. */
  end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    // A failing disk may have ended it by itself.
    if (this.#db.isOpen && this.#db.isTransaction) this.#endTransaction();
  }

  /**
   * Never throws: it is called by nobody who could answer for it, and nothing was written that could be lost. After a read that
   * failed, of a damaged page for example, a COMMIT may fail as well.
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
    // It stays the same over our own writes: https://www.sqlite.org/pragma.html#pragma_data_version
    const version = this.#dataVersion.get()?.data_version;
    if (version !== this.#version) this.#onForeignWrite();
    this.#version = version;
  }
}

function rollBack(db: DatabaseSync): void {
  try {
    if (db.isTransaction) db.exec('ROLLBACK');
  } catch {
    // The next read or write is told what is wrong.
  }
}
