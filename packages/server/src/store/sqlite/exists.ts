import type { DatabaseSync } from 'node:sqlite';
import type { RequestStore } from '../request-store.ts';
import { prepareQuery } from './query.ts';

/** One walk of the unique index on `id`. */
export function prepareExists(db: DatabaseSync): (id: string) => boolean {
  const select = prepareQuery<{ readonly found: number }>(db, 'SELECT 1 AS found FROM requests WHERE id = ?');
  return (id) => select.get(id) !== undefined;
}

/** One walk of the primary key of the attempt log. */
export function prepareHasAnswer(db: DatabaseSync): (call: Parameters<RequestStore['hasAnswer']>[0]) => boolean {
  const select = prepareQuery<{ readonly found: number }>(
    db,
    `SELECT 1 AS found FROM attempts WHERE request_id = ? AND number = ? AND image_index = ? AND answer IS NOT NULL`,
  );
  return ({ requestId, attempt, imageIndex }) => select.get(requestId, attempt, imageIndex) !== undefined;
}
