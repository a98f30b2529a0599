import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { submitOne } from '../../contract/fixtures.ts';
import { openDatabase, openSqliteStore } from '../open-sqlite-store.ts';

const pageBytes = 4_096;

describe('a SQLite store whose file is damaged', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'darkroom-damaged-'));
    file = join(folder, 'darkroom.db');
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Overwrites the pages of a table or an index, except the first one, by which the schema is read. */
  async function damage(name: string): Promise<void> {
    const db = openDatabase(file);
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    const pages = db
      .prepare('SELECT pageno FROM dbstat WHERE name = ?')
      .all(name)
      .map(({ pageno }) => Number(pageno));
    db.close();
    const handle = await open(file, 'r+');
    for (const page of pages) await handle.write(Buffer.alloc(pageBytes, 0xa5), 0, pageBytes, (page - 1) * pageBytes);
    await handle.close();
  }

  it('fails the reads that meet the damage, and goes on with all others', async () => {
    const store = openSqliteStore({ file });
    for (let i = 0; i < 50; i++) await submitOne(store.requests);
    const id = await submitOne(store.requests);
    await store.close();
    await damage('requests_by_lane');
    const again = openSqliteStore({ file });
    for (let times = 0; times < 3; times++) {
      await expect(again.requests.list({ organizationId: 'org-a', limit: 9 })).rejects.toThrow(
        /part of the database .* damaged/,
      );
      await nextTurn();
      expect((await again.requests.find('org-a', id))?.status).toBe('queued');
      await nextTurn();
      expect(await again.events.last()).toBe(51);
      await nextTurn();
    }
    await again.close();
  });
});
