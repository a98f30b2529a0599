import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { migrateSqlite, openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';

let migrated: Buffer | undefined;

/** A store on a new file. It opens in 2 ms of processor time; all migrations take 30. */
export function openNewStore(file: string): Store {
  writeMigratedFile(file);
  return openSqliteStore({ file });
}

/** Makes a database that has the current schema and no rows, unless the file exists. */
export function writeMigratedFile(file: string): void {
  if (existsSync(file)) return;
  migrated ??= migrate();
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, migrated);
}

function migrate(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'darkroom-migrated-'));
  const file = join(folder, 'darkroom.db');
  migrateSqlite({ file });
  const bytes = readFileSync(file);
  rmSync(folder, { recursive: true });
  return bytes;
}
