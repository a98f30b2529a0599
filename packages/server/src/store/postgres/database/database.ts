import pg, { type Pool, type PoolClient } from 'pg';
import type { Clock } from '../../../platform/clock.ts';
import type { Logger } from '../../../platform/logger.ts';
import { OutcomeUnknownError } from '../../store-errors.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { isAborted, isCollision, isConnectionLost, isReadOnly, toRejection } from './failures.ts';
import { Outage } from './outage.ts';
import type { Session } from './session.ts';
import { type Statement, toStatement, toStorable, type Value } from './statement.ts';

export interface DatabaseOptions {
  readonly settings: ConnectionSettings;
  readonly maxConnections: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

const firstPauseMs = 50;
const longestPauseMs = 1_000;
const maxCollisions = 5;

/** Of a server that reads it is `off` where it writes, too. */
const isReadOnlyNow = toStatement<{ readonly transaction_read_only: string }>('SHOW transaction_read_only');

/**
 * The connections of a store. Work that a broken connection has undone for sure is done again on another one: single reads,
 * and transactions whose COMMIT was not sent yet. So a restart of the server costs those who call some seconds, not an error;
 * and when it is away for longer (`Outage`), everything rejects with a `StoreUnavailableError` at once until it is back.
 */
export class Database implements Session {
  readonly #options: DatabaseOptions;
  readonly #pool: Pool;
  #isClosed = false;
  /** Nobody is served. */
  readonly #absence: Outage;
  /** Reads are served, writes are not: a standby, or a server that is set to read only. */
  readonly #readOnly: Outage;

  constructor(options: DatabaseOptions) {
    this.#options = options;
    const { settings, maxConnections, logger } = options;
    this.#pool = new pg.Pool({ ...settings.client, max: maxConnections, idleTimeoutMillis: 30_000 });
    // The pool listens to idle clients alone, and who waits for one gets it a moment after it was taken: an error that nobody
    // listens to would end the process.
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
    this.#pool.on('error', (error) => logger.warn({ event: 'database.disconnected', err: error }));
    const probe = async () => void (await this.#askOnce(isReadOnlyNow));
    this.#absence = new Outage({ ...options, what: 'server', probe });
    this.#readOnly = new Outage({ ...options, what: 'writes', probe: () => this.#probeWrites() });
  }

  all<Row>(statement: Statement<Row>, ...values: readonly Value[]): Promise<readonly Row[]> {
    return this.#patiently([this.#absence], (client) => this.#toSession(client).all(statement, ...values));
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
  async askOnce<Row>(statement: Statement<Row>, ...values: readonly Value[]): Promise<readonly Row[]> {
    this.#absence.refuse();
    return this.#askOnce(statement, ...values).catch((error: unknown) => {
      throw toRejection(error);
    });
  }

  /** `work` may be called again when it was undone; it sees what others commit between its statements. */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const outages = [this.#absence, this.#readOnly];
    return this.#patiently(outages, (client) => this.#attempt(client, 'BEGIN', work));
  }

  /** Reads of one state of the database. */
  snapshot<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const begin = 'BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY';
    return this.#patiently([this.#absence], (client) => this.#attempt(client, begin, work));
  }

  /** Waits for the work under way; later work is refused. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.all([this.#absence.close(), this.#readOnly.close()]);
    await this.#pool.end();
  }

  #askOnce<Row>(statement: Statement<Row>, ...values: readonly Value[]): Promise<readonly Row[]> {
    return this.#withClient((client) => this.#toSession(client).all(statement, ...values));
  }

  async #probeWrites(): Promise<void> {
    const [row] = await this.#askOnce(isReadOnlyNow);
    if (row?.transaction_read_only !== 'off') throw new Error('The server only reads.');
  }

  async #patiently<T>(outages: readonly Outage[], work: (client: PoolClient) => Promise<T>): Promise<T> {
    const { clock, logger } = this.#options;
    let failingSince: number | undefined;
    let collisions = 0;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      for (const outage of outages) outage.refuse();
      try {
        const result = await this.#withClient(work);
        for (const outage of outages) outage.worked();
        return result;
      } catch (error) {
        if (isCollision(error) && ++collisions < maxCollisions) continue;
        if (this.#isClosed || !isConnectionLost(error)) throw toRejection(error);
        const outage = isReadOnly(error) ? this.#readOnly : this.#absence;
        failingSince ??= clock.now();
        const next = clock.now() + pauseMs;
        if (next > outage.failed(failingSince)) {
          outage.giveUp(error, next);
          throw toRejection(error);
        }
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
    let cause: unknown;
    const keepFirst = (error: unknown) => (cause ??= error);
    try {
      result = await work(this.#toSession(client, keepFirst));
    } catch (error) {
      if (!isConnectionLost(error)) await client.query('ROLLBACK');
      // Of statements that travel together the later ones are refused for the sake of the first, and may be heard before it.
      throw isAborted(error) ? cause : error;
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
      throw new OutcomeUnknownError(
        'The database went away during this write, which may be kept or not. Send the call again, a submit with its Idempotency-Key.',
        { cause: error },
      );
    }
  }

  #toSession(client: PoolClient, onError: (error: unknown) => void = () => undefined): Session {
    const { ownsSession } = this.#options.settings;
    const query = async ({ name, text }: Statement, values: readonly Value[]) => {
      try {
        return await client.query({ ...(ownsSession && { name }), text, values: values.map(toStorable) });
      } catch (error) {
        onError(error);
        throw error;
      }
    };
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
