import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OwnTestServer, startOwnServer } from '../../../../test/postgres/test-database.ts';
import { createLogger } from '../../../platform/logger.ts';
import { submitOne } from '../../contract/fixtures.ts';
import { openPostgresStore } from '../open-postgres-store.ts';

const pageBytes = 8_192;

describe('a PostgreSQL store whose files are damaged', { timeout: 60_000 }, () => {
  let server: OwnTestServer;
  beforeAll(async () => {
    server = await startOwnServer();
  });
  afterAll(() => server.stop());

  async function findFile(url: string, relation: string): Promise<string> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const sql = `SELECT current_setting('data_directory') AS folder, pg_relation_filepath('${relation}') AS file`;
    const { rows } = await client.query(sql).finally(() => client.end());
    return path.join(rows[0].folder, rows[0].file);
  }

  async function damage(file: string): Promise<void> {
    const pages = (await stat(file)).size / pageBytes;
    const handle = await open(file, 'r+');
    for (let page = 0; page < pages; page++) await handle.write(Buffer.alloc(64, 0xa5), 0, 64, page * pageBytes);
    await handle.close();
  }

  it('counts and names the damage that a statement meets, and goes on with all others', async () => {
    const url = await server.createDatabase();
    const met: string[] = [];
    const store = await openPostgresStore({
      url,
      logger: createLogger('silent'),
      onDamage: (tables) => met.push(tables),
    });
    const id = await submitOne(store.requests);
    const file = await findFile(url, 'payloads');
    await server.restart(() => damage(file));
    for (let times = 1; times <= 2; times++) {
      await expect(store.requests.find('org-a', id)).rejects.toThrow(/part of the database .* damaged/);
      expect(met).toHaveLength(times);
    }
    expect(met[0]).toContain('payloads');
    expect(await store.events.last()).toBeGreaterThan(0);
    expect(met).toHaveLength(2);
    await store.close();
  });
});
