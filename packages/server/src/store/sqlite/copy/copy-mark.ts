import type { DatabaseSync } from 'node:sqlite';
import { markName } from '../../copy/row-copier.ts';
import { UnfinishedCopyError } from '../../store-errors.ts';
import { prepareQuery } from '../database/statement.ts';

export function readMark(db: DatabaseSync): string | undefined {
  const select = prepareQuery<{ readonly value: string }>(db, 'SELECT value FROM secrets WHERE name = ?');
  return select.get(markName)?.value;
}

/** Throws an `UnfinishedCopyError` when a copy into this database has not finished. */
export function assertWhole(db: DatabaseSync, file: string): void {
  if (readMark(db) !== undefined) throw new UnfinishedCopyError(file);
}
