import pg, { type ClientConfig } from 'pg';

/** How to reach the database, and what that connection allows. */
export interface ConnectionSettings {
  readonly client: ClientConfig;
  /** For messages: host, port and database, never the user's secret. */
  readonly name: string;
  /**
   * Do we own the session from connect to close? Not behind a pooler in transaction mode (`prepare=false` in the URL): then
   * statements have no names, nothing is set when connecting, and no connection can listen.
   */
  readonly ownsSession: boolean;
}

/** The server stops a statement that takes longer; the longest of ours take some milliseconds. */
const statementMs = 30_000;
/** The longest wait for a lock: a transaction holds its locks for some milliseconds. */
const lockMs = 10_000;
/** A process that hangs in the middle of a transaction loses the transaction after this time, and its locks with it. */
const idleInTransactionMs = 10_000;
const connectMs = 5_000;

export function toConnectionSettings(url: string): ConnectionSettings {
  const parsed = new URL(url);
  const ownsSession = parsed.searchParams.get('prepare') !== 'false';
  parsed.searchParams.delete('prepare');
  return {
    client: {
      connectionString: parsed.href,
      connectionTimeoutMillis: connectMs,
      keepAlive: true,
      pipeline: true,
      types: { getTypeParser: toParser },
      ...(ownsSession && sessionSettings),
    },
    name: `${decodeURIComponent(parsed.pathname.slice(1))} at ${parsed.host}`,
    ownsSession,
  };
}

/**
 * A role or database with `synchronous_commit = off` would lose what was answered, so every session turns it on. Compiling short
 * statements (`jit`) takes longer than running them.
 *
 * Statements are planned once, for any values (`plan_cache_mode`). PostgreSQL would plan them again for each number of values,
 * which was a quarter of the time of small writes. Plans scan no tables (`enable_seqscan`), since every table has indexes to
 * walk: a plan made while a table was empty would scan it until it is analyzed, which may be tens of thousands of rows later.
 * `query-plans.test.ts` checks both.
 */
const sessionSettings: ClientConfig = {
  application_name: 'darkroom',
  statement_timeout: statementMs,
  lock_timeout: lockMs,
  idle_in_transaction_session_timeout: idleInTransactionMs,
  options: '-c synchronous_commit=on -c jit=off -c plan_cache_mode=force_generic_plan -c enable_seqscan=off',
};

/** `bigint`, and the `numeric` of its sums, hold times, counts and micro-dollars: all of them safe integers. */
const numbers: ReadonlySet<number> = new Set([pg.types.builtins.INT8, pg.types.builtins.NUMERIC]);

function toParser(oid: number, format?: 'text' | 'binary') {
  return numbers.has(oid) ? Number : pg.types.getTypeParser(oid, format ?? 'text');
}
