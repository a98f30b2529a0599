import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrateSqlite } from '../../src/store/sqlite/open-sqlite-store.ts';

let migrated: Buffer | undefined;

/** Makes a database that has the current schema and no rows. A store opens it in a third of the time that a new one takes. */
export function writeMigratedFile(file: string): void {
  migrated ??= migrate();
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
