import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../../test/postgres/test-database.ts';
import { migratePostgres } from '../postgres/open-postgres-store.ts';
import { openDatabase } from '../sqlite/open-sqlite-store.ts';
import { copiedTables } from './row-copier.ts';

/**
 * What a copy leaves behind on purpose, as `table` or `table.column`: what a store counts or computes when other rows are
 * written, what belongs to the file or database itself, and the minutes, which are soon over.
 */
const leftBehind = [
  'lanes',
  'stored_totals',
  'last_turn',
  'minutes',
  'event_counter',
  'darkroom_schema',
  'requests.seq',
  'requests.failure_code',
  'payloads.seq',
  'payloads.request_id',
];

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

function listSqlite(): readonly string[] {
  const db = openDatabase(':memory:');
  try {
    const tables = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`).all();
    return tables.flatMap(({ name }) =>
      db
        .prepare('SELECT name FROM pragma_table_info(?)')
        .all(String(name))
        .map((column) => `${name}.${column['name']}`),
    );
  } finally {
    db.close();
  }
}

async function listPostgres(): Promise<readonly string[]> {
  const connectionString = await server.createDatabase();
  await migratePostgres({ url: connectionString, logger: pino({ level: 'silent' }) });
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query(
      `SELECT table_name || '.' || column_name AS name FROM information_schema.columns WHERE table_schema = 'public'`,
    );
    return rows.map(({ name }) => String(name));
  } finally {
    await client.end();
  }
}

describe('a copy', () => {
  it.each([
    ['SQLite', async () => listSqlite()],
    ['PostgreSQL', listPostgres],
  ])('brings every column of every table of %s, and compares it', async (_store, list) => {
    const columns = await list();
    const copied = copiedTables.flatMap(({ name, columns }) =>
      Object.keys(columns).map((column) => `${name}.${column}`),
    );
    const isLeft = (column: string) => leftBehind.includes(column) || leftBehind.includes(column.split('.')[0] ?? '');
    expect(columns.length).toBeGreaterThan(100);
    expect(columns.filter((column) => !copied.includes(column) && !isLeft(column))).toEqual([]);
    expect(copied.filter((column) => !columns.includes(column) && !isLeft(column))).toEqual([]);
  });
});
