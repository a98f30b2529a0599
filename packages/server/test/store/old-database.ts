import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach } from 'vitest';
import { migrations } from '../../src/store/sqlite/database/migrations.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';

/** For each test, a SQLite store of now, opened on a database that was at `version` of the schema and had these rows. */
export function useOldDatabase(version: number, rows: string): { readonly store: Store } {
  let folder: string;
  const old = {} as { store: Store }; // set before each test
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-migration-'));
    const file = path.join(folder, 'darkroom.db');
    const db = new DatabaseSync(file);
    db.exec(`${migrations.slice(0, version).join(';')}; ${rows}; PRAGMA user_version = ${version}`);
    db.close();
    old.store = openSqliteStore({ file });
  });
  afterEach(async () => {
    await old.store.close();
    await rm(folder, { recursive: true });
  });
  return old;
}
