import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { describeAdditiveMigrations, type EmptyDatabase } from '../../contract/additive-migrations.ts';
import { runEveryStatement } from '../../contract/every-statement.ts';
import { openSqliteStore } from '../open-sqlite-store.ts';
import { migrations } from './migrations.ts';

const tables = `SELECT name AS place FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'`;

/** `hidden` is above 1 where a column is computed. */
const columns = `
SELECT tables.name AS place, columns.name || ' ' || columns.type || iif(columns."notnull", ' NOT NULL', '') AS thing,
  columns."notnull" AND columns.dflt_value IS NULL AND columns.hidden < 2 AS isDemanded
FROM sqlite_schema AS tables JOIN pragma_table_xinfo(tables.name) AS columns WHERE tables.type = 'table'`;

const triggers = `SELECT tbl_name AS place, 'trigger ' || name AS thing, 0 AS isDemanded FROM sqlite_schema WHERE type = 'trigger'`;

/** A unique index is both: `ON CONFLICT` relies on it, and rows must fit it. */
const indexes = `
SELECT tables.name AS place, 'unique (' || (SELECT group_concat(name) FROM pragma_index_info(indexes.name)) || ')' AS thing,
  1 AS isDemanded
FROM sqlite_schema AS tables JOIN pragma_index_list(tables.name) AS indexes
WHERE tables.type = 'table' AND indexes."unique" = 1`;

const references = `
SELECT tables.name AS place, 'reference of ' || "from" || ' to ' || "table" AS thing, 1 AS isDemanded
FROM sqlite_schema AS tables JOIN pragma_foreign_key_list(tables.name) WHERE tables.type = 'table'`;

async function createDatabase(): Promise<EmptyDatabase> {
  const db = new DatabaseSync(':memory:');
  const ask = (text: string) =>
    db
      .prepare(text)
      .all()
      .map(({ place, thing, isDemanded }) => ({ table: String(place), text: String(thing), isDemanded }));
  return {
    run: async (script) => db.exec(script),
    readShape: async () => {
      const lines = [columns, triggers, indexes, references].flatMap(ask);
      return {
        tables: ask(tables).map(({ table }) => table),
        has: lines,
        demands: lines.filter(({ isDemanded }) => isDemanded === 1),
      };
    },
    destroy: async () => db.close(),
  };
}

describeAdditiveMigrations('SQLite', {
  migrations,
  create: createDatabase,
  breaking: ['DROP TRIGGER requests_spent', 'ALTER TABLE secrets ADD COLUMN key TEXT REFERENCES api_keys (id)'],
});

describe('a SQLite store whose schema becomes newer while it runs', () => {
  it('goes on with every statement that it has prepared, whatever columns the tables get', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'darkroom-newer-'));
    const file = join(folder, 'darkroom.db');
    const { requests, close, ...others } = openSqliteStore({ file });
    await runEveryStatement({ store: requests, ...others }, 1);
    const db = new DatabaseSync(file);
    for (const row of db.prepare(tables).all()) db.exec(`ALTER TABLE ${row['place']} ADD COLUMN mood TEXT`);
    db.close();
    await runEveryStatement({ store: requests, ...others }, 2);
    expect((await requests.list({ organizationId: 'org-a', limit: 1 })).total).toBeGreaterThan(0);
    await close();
    await rm(folder, { recursive: true });
  });
});
