import pg, { type Pool, type PoolClient } from 'pg';
import type { Clock } from '../../../platform/clock.ts';
import type { Logger } from '../../../platform/logger.ts';
import { type OnDamage, toTables } from '../../damage/to-tables.ts';
import { OutcomeUnknownError } from '../../store-errors.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { isAborted, isCollision, isConnectionLost, isDamage, isReadOnly, toRejection } from './failures.ts';
import { Outage } from './outage.ts';
import type { Session } from './session.ts';
import { type Statement, toStatement, toStorable, type Value } from './statement.ts';

/*
 * The way to the database: connections, transactions, statements, rows and migrations. All other folders reach the database
 * through this one.
 */

export interface DatabaseOptions {
  readonly settings: ConnectionSettings;
  readonly maxConnections: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onDamage?: OnDamage | undefined;
}

const firstPauseMs = 50;
const longestPauseMs = 1_000;
const maxCollisions = 5;

/** Shows `off` on a server that accepts writes, not only reads. */
const isReadOnlyNow = toStatement<{ readonly transaction_read_only: string }>('SHOW transaction_read_only');

/**
 * The connections of a store. Work that a broken connection has certainly undone is repeated on another one: single reads, and
 * transactions whose COMMIT was not sent yet. So a restart of the server costs callers some seconds, not an error. When the
 * server is away for longer (`Outage`), every call rejects with a `StoreUnavailableError` at once until it is back.
 */
export class Database implements Session {
  readonly #options: DatabaseOptions;
  readonly #pool: Pool;
  #isClosed = false;
  /** Neither reads nor writes are served. */
  readonly #absence: Outage;
  /** Reads are served, writes are not: a standby, or a server that is set to read only. */
  readonly #readOnly: Outage;

  constructor(options: DatabaseOptions) {
    this.#options = options;
    const { settings, maxConnections, logger } = options;
    this.#pool = new pg.Pool({ ...settings.client, max: maxConnections, idleTimeoutMillis: 30_000 });
    // The pool listens only to idle clients, and a caller that waits for one gets it a moment after it was taken. An error
    // without a listener would end the process.
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

  /**
   * A read that does not wait for a server that is away: for callers that ask whether the server answers, and for answers that
   * are worthless later.
   */
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

  /** Reads one state of the database. */
  snapshot<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const begin = 'BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY';
    return this.#patiently([this.#absence], (client) => this.#attempt(client, begin, work));
  }

  /** Waits for the work under way; refuses later work. */
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

  /** Discards a client that has failed for good, or whose state is unknown. */
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
      // When statements travel together, the first failure makes the server refuse the later ones, and a later refusal may be
      // reported first.
      throw isAborted(error) ? cause : error;
    }
    await this.#commit(client);
    return result;
  }

  async #commit(client: PoolClient): Promise<void> {
    try {
      const { command } = await client.query('COMMIT');
      if (command !== 'COMMIT')
        throw new Error('The transaction was rolled back because one of its statements failed.');
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      throw new OutcomeUnknownError(
        'The connection to the database was lost during this write, which may or may not have been stored. Send the call again; repeat a submit with its Idempotency-Key.',
        { cause: error },
      );
    }
  }

  #toSession(client: PoolClient, onError: (error: unknown) => void = () => undefined): Session {
    const { settings, onDamage } = this.#options;
    const query = async ({ name, text }: Statement, values: readonly Value[]) => {
      try {
        return await client.query({ ...(settings.ownsSession && { name }), text, values: values.map(toStorable) });
      } catch (error) {
        if (isDamage(error)) onDamage?.(toTables(text));
        onError(error);
        throw error;
      }
    };
    const all = async <Row>(statement: Statement<Row>, ...values: readonly Value[]): Promise<readonly Row[]> => {
      const { rows } = await query(statement, values);
      // True because the statement's `Row` repeats what the migration says about its columns.
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
