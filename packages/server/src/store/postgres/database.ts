import pg, { type Pool, type PoolClient } from 'pg';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { isCollision, isConnectionLost, OutcomeUnknownError } from './failures.ts';
import type { Session } from './session.ts';
import type { Statement, Value } from './statement.ts';

export interface DatabaseOptions {
  readonly settings: ConnectionSettings;
  readonly maxConnections: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** So long a server that restarts or fails over is waited for. */
const patienceMs = 15_000;
const firstPauseMs = 50;
const longestPauseMs = 1_000;
const maxCollisions = 5;

/**
 * The connections of a store. Work that a broken connection has undone for sure is done again on another one: single reads,
 * and transactions whose COMMIT was not sent yet. So a restart of the server costs those who call some seconds, not an error.
 */
export class Database implements Session {
  readonly #options: DatabaseOptions;
  readonly #pool: Pool;
  #isClosed = false;

  constructor(options: DatabaseOptions) {
    this.#options = options;
    const { settings, maxConnections, logger } = options;
    this.#pool = new pg.Pool({ ...settings.client, max: maxConnections, idleTimeoutMillis: 30_000 });
    // The pool listens to idle clients alone, and who waits for one gets it a moment after it was taken: an error that nobody
    // listens to would end the process.
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
    this.#pool.on('error', (error) => logger.warn({ event: 'database.disconnected', err: error }));
  }

  all<Row>(statement: Statement<Row>, ...values: readonly Value[]): Promise<readonly Row[]> {
    return this.#patiently((client) => this.#toSession(client).all(statement, ...values));
  }

  async get<Row>(statement: Statement<Row>, ...values: readonly Value[]): Promise<Row | undefined> {
    return (await this.all(statement, ...values))[0];
  }

  run(statement: Statement, ...values: readonly Value[]): Promise<number> {
    return this.transaction((session) => session.run(statement, ...values));
  }

  script(text: string): Promise<void> {
    return this.transaction((session) => session.script(text));
  }

  /** A read that waits for no server: for who wants to know whether it answers, and for what is worth nothing later. */
  askOnce<Row>(statement: Statement<Row>, ...values: readonly Value[]): Promise<readonly Row[]> {
    return this.#withClient((client) => this.#toSession(client).all(statement, ...values));
  }

  /** `work` may be called again when it was undone; it sees what others commit between its statements. */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#patiently((client) => this.#attempt(client, 'BEGIN', work));
  }

  /** Reads of one state of the database. */
  snapshot<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#patiently((client) => this.#attempt(client, 'BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY', work));
  }

  /** Waits for the work under way; later work is refused. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#pool.end();
  }

  async #patiently<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const { clock, logger } = this.#options;
    const until = clock.now() + patienceMs;
    let collisions = 0;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      try {
        return await this.#withClient(work);
      } catch (error) {
        if (isCollision(error) && ++collisions < maxCollisions) continue;
        if (this.#isClosed || !isConnectionLost(error) || clock.now() + pauseMs > until) throw error;
        logger.warn({ event: 'database.lost', err: error });
        await clock.sleep(pauseMs);
      }
    }
  }

  /** A client that has failed for good is thrown away, and so is one that nobody knows the state of. */
  async #withClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new Error('The store is closed.');
    const client = await this.#pool.connect();
    let isUsable = false;
    try {
      const result = await work(client);
      isUsable = true;
      return result;
    } catch (error) {
      isUsable = !isConnectionLost(error) && !(error instanceof OutcomeUnknownError);
      throw error;
    } finally {
      client.release(!isUsable);
    }
  }

  async #attempt<T>(client: PoolClient, begin: string, work: (session: Session) => Promise<T>): Promise<T> {
    await client.query(begin);
    let result: T;
    try {
      result = await work(this.#toSession(client));
    } catch (error) {
      if (!isConnectionLost(error)) await client.query('ROLLBACK');
      throw error;
    }
    await this.#commit(client);
    return result;
  }

  async #commit(client: PoolClient): Promise<void> {
    try {
      const { command } = await client.query('COMMIT');
      if (command !== 'COMMIT') throw new Error('The transaction was rolled back: one of its statements has failed.');
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      throw new OutcomeUnknownError('The database went away while it was to commit: the write may be kept or not.', {
        cause: error,
      });
    }
  }

  #toSession(client: PoolClient): Session {
    const { ownsSession } = this.#options.settings;
    const query = ({ name, text }: Statement, values: readonly Value[]) =>
      client.query({ ...(ownsSession && { name }), text, values: [...values] });
    const all = async <Row>(statement: Statement<Row>, ...values: readonly Value[]): Promise<readonly Row[]> => {
      const { rows } = await query(statement, values);
      // True as far as the statement's `Row` repeats what the migration says of its columns.
      return rows as readonly unknown[] as readonly Row[];
    };
    return {
      all,
      get: async (statement, ...values) => (await all(statement, ...values))[0],
      run: async (statement, ...values) => (await query(statement, values)).rowCount ?? 0,
      script: async (text) => {
        await client.query(text);
      },
    };
  }
}
