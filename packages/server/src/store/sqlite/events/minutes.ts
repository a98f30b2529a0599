import type { DatabaseSync } from 'node:sqlite';
import { type EndedMinute, toMinute } from '../../../core/ended-minutes.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';

/** Call it in the transaction of the moments that were counted. */
export function prepareAddToMinute(db: DatabaseSync): (ended: EndedMinute) => void {
  const insert = prepareCommand(
    db,
    `INSERT INTO minutes (at, success, failed, cancelled) VALUES (?, ?, ?, ?)
     ON CONFLICT (at) DO UPDATE SET
       success = success + excluded.success, failed = failed + excluded.failed, cancelled = cancelled + excluded.cancelled`,
  );
  return ({ at, success, failed, cancelled }) => void insert.run(at, success, failed, cancelled);
}

export function prepareReadMinutes(db: DatabaseSync): (since: number) => readonly EndedMinute[] {
  const select = prepareQuery<EndedMinute>(
    db,
    'SELECT at, success, failed, cancelled FROM minutes WHERE at >= ? ORDER BY at',
  );
  // Spread, since SQLite's rows have no prototype.
  return (since) => select.all(toMinute(since)).map((row) => ({ ...row }));
}
