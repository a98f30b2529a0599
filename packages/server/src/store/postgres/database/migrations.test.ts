import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../../../test/postgres/test-database.ts';
import { describeAdditiveMigrations, type EmptyDatabase } from '../../contract/additive-migrations.ts';
import { runEveryStatement } from '../../contract/every-statement.ts';
import { openPostgresStore } from '../open-postgres-store.ts';
import { migrations } from './migrations.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const tables = `SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`;

const columns = `
SELECT table_name, column_name || ' ' || data_type || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END,
  is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO' AND is_generated = 'NEVER'
FROM information_schema.columns WHERE table_schema = 'public'`;

const triggers = `
SELECT tgrelid::regclass::text, 'trigger ' || tgname, false FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE NOT tgisinternal AND relnamespace = 'public'::regnamespace`;

/**
 * A unique index is both: `ON CONFLICT` relies on it, and rows must fit it. Constraints of NOT NULL are listed with their
 * columns.
 */
const constraints = `
SELECT tablename, regexp_replace(indexdef, '^.* ON ', 'unique '), true FROM pg_indexes
WHERE schemaname = 'public' AND indexdef LIKE 'CREATE UNIQUE%'
UNION ALL SELECT conrelid::regclass::text, pg_get_constraintdef(oid), true FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'x')`;

async function createDatabase(): Promise<EmptyDatabase> {
  const client = new pg.Client({ connectionString: await server.createDatabase() });
  await client.connect();
  const ask = async (text: string) => (await client.query({ text, rowMode: 'array' })).rows;
  return {
    run: async (script) => {
      await client.query(script);
    },
    readShape: async () => {
      const rows = [...(await ask(columns)), ...(await ask(triggers)), ...(await ask(constraints))];
      const lines = rows.map(([table, text, isDemanded]) => ({ table: String(table), text: String(text), isDemanded }));
      return {
        tables: (await ask(tables)).map(([table]) => String(table)),
        has: lines,
        demands: lines.filter(({ isDemanded }) => isDemanded === true),
      };
    },
    destroy: () => client.end(),
  };
}

describeAdditiveMigrations('PostgreSQL', {
  migrations,
  create: createDatabase,
  breaking: [
    'DROP TRIGGER requests_spent ON requests',
    'ALTER TABLE api_keys ALTER COLUMN name TYPE varchar(9)',
    'ALTER TABLE api_keys ALTER COLUMN revoked_at SET NOT NULL',
    'ALTER TABLE api_keys ALTER COLUMN name DROP NOT NULL',
    'ALTER TABLE api_keys ADD COLUMN color text NOT NULL',
    "ALTER TABLE api_keys ADD CHECK (name <> '')",
    'ALTER TABLE idempotency_keys ADD FOREIGN KEY (request_id) REFERENCES requests',
    'ALTER TABLE idempotency_keys DROP CONSTRAINT idempotency_keys_pkey',
  ],
});

describe('a PostgreSQL store whose schema becomes newer while it runs', () => {
  it('goes on with every statement that it has prepared, whatever columns the tables get', async () => {
    const url = await server.createDatabase();
    // One connection, which then has all of them prepared.
    const store = await openPostgresStore({ url, logger: pino({ level: 'silent' }), maxConnections: 1 });
    const { requests, ...others } = store;
    await runEveryStatement({ store: requests, ...others }, 1);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<{ readonly relname: string }>(tables);
    for (const { relname } of rows) await client.query(`ALTER TABLE ${relname} ADD COLUMN mood text`);
    await client.end();
    await runEveryStatement({ store: requests, ...others }, 2);
    expect((await requests.list({ organizationId: 'org-a', limit: 1 })).total).toBeGreaterThan(0);
    await store.close();
  });
});
