import type { DatabaseSync } from 'node:sqlite';
import { isDamage, toRejection } from './failures.ts';
import type { ReadTurn } from './read-turn.ts';

/*
 * The way to the database: connections, transactions, statements, rows and migrations. All other folders reach the database
 * through this one.
 */

/** At most this many writes share a commit: a longer group would keep the event loop from its other work. */
const maxWrites = 256;

interface Write {
  /** Does the work inside the open transaction; returns the function that tells the caller once the commit has succeeded. */
  readonly run: () => () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * All writes that arrive in one turn of the event loop share one transaction, and so the one flush to the disk that makes them
 * durable: the flush costs about 2 ms, a write some 20 µs. No caller gets a result before the COMMIT has returned. When a write
 * throws, only that write rejects. When the COMMIT fails, all reject, and nothing is kept; unless a damaged page was met, which costs
 * SQLite the whole transaction: then each write gets a transaction of its own, so that only those reject that need the page.
 *
 * Differs from the twin because writes run one after the other here, whatever their kind. PostgreSQL's `Batch` shares statements
 * among items of one kind, since each statement is a round trip.
 */
export class GroupCommit {
  readonly #db: DatabaseSync;
  readonly #reads: ReadTurn;
  readonly #waiting: Write[] = [];
  #isScheduled = false;
  #isClosed = false;

  constructor(db: DatabaseSync, reads: ReadTurn) {
    this.#db = db;
    this.#reads = reads;
  }

  /** `work` is synchronous and runs inside the open transaction. */
  write<T>(work: () => T): Promise<T> {
    if (this.#isClosed) return Promise.reject(new Error('The store is closed.'));
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const run = () => {
      const result = work();
      return () => resolve(result);
    };
    this.#waiting.push({ run, reject: (error) => reject(toRejection(error)) });
    this.#schedule();
    return promise;
  }

  /** Commits the waiting writes; refuses writes from now on. */
  close(): void {
    this.#isClosed = true;
    while (this.#waiting.length > 0) this.#commitGroup();
    this.#reads.end();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.#waiting.length > 0) this.#commitGroup();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  #commitGroup(group = this.#waiting.splice(0, maxWrites)): void {
    try {
      const tells = this.#transaction(() => group.map((write) => this.#runIsolated(write)));
      for (const tell of tells) tell();
    } catch (error) {
      if (isDamage(error) && group.length > 1) for (const write of group) this.#commitGroup([write]);
      else for (const write of group) write.reject(error);
    }
  }

  /**
   * Runs in a savepoint, so that a write that throws does not undo the others. Measured: a savepoint costs 2.5 µs, a tenth of a
   * submit, and 64 submits take 2.7 ms with or without; so groups in which no write throws need no separate path.
   */
  #runIsolated(write: Write): () => void {
    this.#db.exec('SAVEPOINT one_write');
    try {
      const tell = write.run();
      this.#db.exec('RELEASE one_write');
      return tell;
    } catch (error) {
      // A full or failing disk ends the whole transaction by itself: then no write is kept.
      if (!this.#db.isTransaction) throw error;
      this.#db.exec('ROLLBACK TO one_write; RELEASE one_write');
      return () => write.reject(error);
    }
  }

  #transaction<T>(work: () => T): T {
    this.#reads.end();
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } finally {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
    }
  }
}
