import pg from 'pg';
import { createLogger } from '../packages/server/src/platform/logger.ts';
import { openPostgresStore } from '../packages/server/src/store/postgres/open-postgres-store.ts';
import type { RequestStore } from '../packages/server/src/store/request-store.ts';
import { now, toNewRequest } from './made-requests.ts';

export interface Copies {
  /** The request to copy, as the store wrote it, with any status. */
  readonly id: string;
  readonly count: number;
  /** The first number of these copies. No other copies have the same numbers. */
  readonly from: number;
  /** The organizations that the copies belong to, in turn. */
  readonly organizations: readonly string[];
}

const halfDayMs = 43_200_000;

/** Creates the tables and queues `count` requests, dated half a day ago. */
export async function fillQueue(
  url: string,
  { count, organizations }: Pick<Copies, 'count' | 'organizations'>,
): Promise<void> {
  const template = toNewRequest(organizations[0] ?? '', now - halfDayMs);
  await withStore(url, (store) => store.submit(template));
  await addCopies(url, { id: template.id, from: 0, count: count - 1, organizations });
}

/** Opens a store for some calls, and brings its tables up to date. */
export async function withStore<T>(url: string, work: (store: RequestStore) => Promise<T>): Promise<T> {
  const store = await openPostgresStore({ url, logger: createLogger('silent') });
  try {
    return await work(store.requests);
  } finally {
    await store.close();
  }
}

/** The id of a copy. Copies are older than anything submitted later, and are in the order of their numbers. */
export function toCopyId(number: number): string {
  return `01900000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;
}

/** How many rows one transaction writes. */
const portion = 250_000;

/**
 * Adds copies of a request: its row, payload, lines and pictures, the last moment of its history, and its counts in lanes
 * and usage. It works on sets and without triggers, because millions are needed. Then it does what autovacuum would do.
 */
export async function addCopies(url: string, { from, count, ...copies }: Copies): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('SET session_replication_role = replica; SET synchronous_commit = off');
    for (let first = from; first < from + count; first += portion) {
      await addPortion(client, { ...copies, from: first, count: Math.min(portion, from + count - first) });
    }
    await client.query('VACUUM (ANALYZE)');
    await client.query('CHECKPOINT');
  } finally {
    await client.end();
  }
}

async function addPortion(client: pg.Client, { id, from, count, organizations }: Copies): Promise<void> {
  await client.query('BEGIN');
  await client.query(
    'CREATE TEMPORARY TABLE made (n integer, id text, organization_id text, picture text) ON COMMIT DROP',
  );
  // The same ids as `toCopyId`.
  await client.query(
    `INSERT INTO made
     SELECT n, '01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'), ($3::text[])[n % cardinality($3::text[]) + 1], md5(n::text)
     FROM generate_series($1::integer, $1::integer + $2::integer - 1) AS n`,
    [from, count, organizations],
  );
  const [{ name = '' } = {}] = (await client.query('SELECT name FROM pictures WHERE request_id = $1', [id])).rows;
  const replaceName = (column: string) => (name ? `replace(${column}, '${name}', made.picture || '.jpeg')` : column);
  const request = { request_id: 'made.id' };
  const organization = { organization_id: 'made.organization_id' };
  await copy(client, 'requests', {
    key: 'id',
    id,
    set: { id: 'made.id', ...organization, outcome: replaceName('outcome') },
  });
  await copy(client, 'payloads', { id, set: request });
  await copy(client, 'attempts', { id, set: { ...request, answer: replaceName('answer') } });
  await copy(client, 'pictures', { id, set: { ...request, name: replaceName('name') } });
  await client.query('UPDATE event_counter SET last_seq = last_seq + $1', [count]);
  const last = '(SELECT seq FROM events WHERE request_id = $1 ORDER BY seq DESC LIMIT 1)';
  const seq = `(SELECT last_seq FROM event_counter) - ${from + count - 1} + made.n`;
  await copy(client, 'events', { key: `seq = ${last} AND request_id`, id, set: { ...request, ...organization, seq } });
  await client.query(addToLanes, [id]);
  await client.query(addToUsage, [id]);
  await client.query('COMMIT');
}

const addToLanes = `
  INSERT INTO lanes (organization_id, model, ready, queued, success)
  SELECT made.organization_id, model, count(*) FILTER (WHERE ready), count(*) FILTER (WHERE status = 'queued'),
    count(*) FILTER (WHERE status = 'success')
  FROM requests CROSS JOIN made WHERE requests.id = $1 GROUP BY 1, 2
  ON CONFLICT (organization_id, model) DO UPDATE SET ready = lanes.ready + excluded.ready,
    queued = lanes.queued + excluded.queued, success = lanes.success + excluded.success`;

const addToUsage = `
  INSERT INTO usage (organization_id, day, model, api_key_id, success, failed, cancelled, pictures, cost_micros)
  SELECT made.organization_id, day_of(queued_at), model, api_key_id, count(*), 0, 0, count(*), sum(cost_micros)
  FROM requests CROSS JOIN made WHERE requests.id = $1 AND status = 'success' GROUP BY 1, 2, 3, 4
  ON CONFLICT (organization_id, day, model, api_key_id) DO UPDATE SET success = usage.success + excluded.success,
    pictures = usage.pictures + excluded.pictures, cost_micros = usage.cost_micros + excluded.cost_micros`;

interface Copying {
  readonly key?: string;
  readonly id: string;
  /** SQL for the columns that differ in each copy. */
  readonly set: Readonly<Record<string, string>>;
}

/** Copies all rows of the request in a table, once for each copy. */
async function copy(client: pg.Client, table: string, { key = 'request_id', id, set }: Copying): Promise<void> {
  const { rows } = await client.query<{ readonly column_name: string }>(
    'SELECT column_name FROM information_schema.columns WHERE table_name = $1',
    [table],
  );
  const names = rows.map(({ column_name: name }) => name);
  const values = names.map((name) => set[name] ?? `template.${name}`);
  await client.query(
    `INSERT INTO ${table} (${names.join(', ')})
     SELECT ${values.join(', ')} FROM (SELECT * FROM ${table} WHERE ${key} = $1) AS template CROSS JOIN made`,
    [id],
  );
}
