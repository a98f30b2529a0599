import type { DatabaseSync } from 'node:sqlite';
import { toRejection } from './failures.ts';
import type { ReadTurn } from './read-turn.ts';

/** So many writes share a commit at most: a longer group would keep the event loop from its other work. */
const maxWrites = 256;

interface Write {
  /** Does the work inside the open transaction; gives what tells the caller, once the commit stands. */
  readonly run: () => () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * All writes that arrive in one turn of the event loop share one transaction, so that they share the one flush to the
 * disk that makes them durable: the flush costs about 2 ms, a write some 20 µs. Nobody hears of a write before its
 * COMMIT has returned. A write that throws rejects alone; a COMMIT that fails rejects all, and nothing is kept.
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

  /** Commits what is waiting; from now on writes are refused. */
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

  #commitGroup(): void {
    const group = this.#waiting.splice(0, maxWrites);
    try {
      const tells = this.#transaction(() => group.map((write) => this.#runIsolated(write)));
      for (const tell of tells) tell();
    } catch (error) {
      for (const write of group) write.reject(error);
    }
  }

  /**
   * In a savepoint of its own, so that a write that throws takes nobody along. Measured: a savepoint costs 2.5 µs, a
   * tenth of a submit, and 64 submits take 2.7 ms with or without; so groups in which none throws need no other path.
   */
  #runIsolated(write: Write): () => void {
    this.#db.exec('SAVEPOINT one_write');
    try {
      const tell = write.run();
      this.#db.exec('RELEASE one_write');
      return tell;
    } catch (error) {
      // A full disk or a failing one ends the whole transaction by itself: then nobody's write is kept.
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
