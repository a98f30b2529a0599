import { DatabaseSync } from 'node:sqlite';
import { markName } from '../../copy/row-copier.ts';
import { UnfinishedCopyError, UnfinishedRestoreError } from '../../store-errors.ts';
import { prepareQuery } from '../database/statement.ts';

export function readMark(db: DatabaseSync): string | undefined {
  const select = prepareQuery<{ readonly value: string }>(db, 'SELECT value FROM secrets WHERE name = ?');
  return select.get(markName)?.value;
}

/** What begins the mark of a restore; that of a copy is a hash. */
const restorePrefix = 'restore ';

/** Throws when a copy into this database, or its restore, has not finished. */
export function assertWhole(db: DatabaseSync, file: string): void {
  const mark = readMark(db);
  if (mark?.startsWith(restorePrefix)) throw new UnfinishedRestoreError(file);
  if (mark !== undefined) throw new UnfinishedCopyError(file);
}

/** The backup that is being restored into this file. The file is not brought up to date. */
export function readRestoreMark(file: string): string | undefined {
  using db = new DatabaseSync(file);
  const mark = readMark(db);
  return mark?.startsWith(restorePrefix) ? mark.slice(restorePrefix.length) : undefined;
}

/** Durable. Leaves one file. */
export function writeRestoreMark(file: string, backup: string | undefined): void {
  using db = new DatabaseSync(file);
  db.exec('PRAGMA synchronous = FULL; PRAGMA secure_delete = ON');
  if (backup === undefined) db.prepare('DELETE FROM secrets WHERE name = ?').run(markName);
  else
    db.prepare('INSERT OR REPLACE INTO secrets (name, value) VALUES (?, ?)').run(markName, `${restorePrefix}${backup}`);
}
