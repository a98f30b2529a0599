import type { DatabaseSync } from 'node:sqlite';
import type { Checkpoints } from './checkpoints.ts';
import { isDamage, toRejection } from './failures.ts';
import type { ReadTurn } from './read-turn.ts';
import { prepareQuery } from './statement.ts';
import type { WalFile } from './wal-file.ts';

/*
 * The way to the database: connections, transactions, statements, rows and migrations. All other folders reach the database
 * through this one.
 */

/** At most this many writes share a commit: a longer group would keep the event loop from its other work. */
const maxWrites = 256;

interface Write {
  /** Does the work inside the open transaction; returns the function that tells the caller once the commit is durable. */
  readonly run: () => () => void;
  readonly reject: (error: unknown) => void;
}

export interface GroupCommitOptions {
  readonly reads: ReadTurn;
  /** `undefined`: a COMMIT flushes by itself. */
  readonly log: Pick<WalFile, 'flush' | 'repair'> | undefined;
  readonly checkpoints?: Pick<Checkpoints, 'afterCommit' | 'close'> | undefined;
}

/**
 * All writes that arrive in one turn of the event loop share one transaction, and so the one flush to the disk that makes them
 * durable. The COMMIT does not flush; the flush runs beside the event loop, and writes that arrive meanwhile are the next group
 * (decision 0021). No caller gets a result, and no reader sees one, before the flush has ended.
 *
 * When a write throws, only that write rejects: `work` may run more than once. When the COMMIT fails, all reject, and nothing is kept; unless a damaged page was
 * met, which costs SQLite the whole transaction: then each write gets a transaction of its own, so that only those reject that need
 * the page. When the flush fails, all reject with an `OutcomeUnknownError`: they are kept if a later flush succeeds.
 *
 * Differs from the twin because writes run one after the other here, whatever their kind. PostgreSQL's `Batch` shares statements
 * among items of one kind, since each statement is a round trip.
 */
export class GroupCommit {
  readonly #db: DatabaseSync;
  readonly #options: GroupCommitOptions;
  readonly #readState: () => string;
  readonly #waiting: Write[] = [];
  #flushedState = '';
  #working: Promise<void> | undefined;
  #isClosed = false;

  constructor(db: DatabaseSync, options: GroupCommitOptions) {
    this.#db = db;
    this.#options = options;
    this.#readState = prepareReadState(db);
  }

  /**
   * `work` is synchronous, runs inside the open transaction, and changes nothing else, since it may run again. `onKept` runs when its result is durable and visible to readers,
   * before any of them reads.
   */
  write<T>(work: () => T, onKept?: (result: T) => void): Promise<T> {
    if (this.#isClosed) return Promise.reject(new Error('The store is closed.'));
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const run = () => {
      const result = work();
      return () => {
        onKept?.(result);
        resolve(result);
      };
    };
    this.#waiting.push({ run, reject: (error) => reject(toRejection(error)) });
    this.#working ??= this.#work();
    return promise;
  }

  /** Commits the waiting writes; refuses writes from now on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#working;
    await this.#options.checkpoints?.close();
  }

  async #work(): Promise<void> {
    do {
      await new Promise((resolve) => setImmediate(resolve));
      await this.#commitGroup();
      await this.#options.checkpoints?.afterCommit();
    } while (this.#waiting.length > 0);
    this.#working = undefined;
  }

  async #commitGroup(group = this.#waiting.splice(0, maxWrites)): Promise<void> {
    const { reads } = this.#options;
    let tells: readonly (() => void)[] | undefined;
    try {
      reads.hold();
      const { result, state } = this.#transaction(() => this.#runAll(group));
      tells = result;
      await this.#flush(state);
      reads.release();
      for (const tell of tells) tell();
    } catch (error) {
      if (tells) reads.expectSurprise();
      else reads.release();
      if (isDamage(error) && group.length > 1) for (const write of group) await this.#commitGroup([write]);
      else for (const write of group) write.reject(error);
    }
  }

  /** Nothing, when neither this process nor another one has written since the last flush. */
  async #flush(state: string): Promise<void> {
    if (!this.#options.log || state === this.#flushedState) return;
    await this.#options.log.flush();
    this.#flushedState = state;
  }

  /**
   * Without savepoints, which would copy each changed page in memory (a tenth of a submit). When one of several writes throws, all
   * of them run again, each in a savepoint.
   */
  #runAll(group: readonly Write[]): readonly (() => void)[] {
    try {
      return group.map((write) => write.run());
    } catch (error) {
      // A full or failing disk, and a damaged page, end the whole transaction.
      if (group.length === 1 || !this.#db.isTransaction) throw error;
      this.#db.exec('ROLLBACK; BEGIN IMMEDIATE');
      return group.map((write) => this.#runIsolated(write));
    }
  }

  /** Runs in a savepoint, so that a write that throws does not undo the others. */
  #runIsolated(write: Write): () => void {
    this.#db.exec('SAVEPOINT one_write');
    try {
      const tell = write.run();
      this.#db.exec('RELEASE one_write');
      return tell;
    } catch (error) {
      if (!this.#db.isTransaction) throw error;
      this.#db.exec('ROLLBACK TO one_write; RELEASE one_write');
      return () => write.reject(error);
    }
  }

  #transaction<T>(work: () => T): { readonly result: T; readonly state: string } {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      this.#options.log?.repair();
      const result = work();
      const state = this.#readState();
      this.#db.exec('COMMIT');
      return { result, state };
    } finally {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
    }
  }
}

/** Differs after any row was written, by this connection or by another one. */
function prepareReadState(db: DatabaseSync): () => string {
  const changes = prepareQuery<{ readonly rows: number }>(db, 'SELECT total_changes() AS rows');
  const version = prepareQuery<{ readonly data_version: number }>(db, 'PRAGMA data_version');
  return () => `${changes.get()?.rows} ${version.get()?.data_version}`;
}
