import type { DatabaseSync } from 'node:sqlite';
import type { RequestStore } from '../../request-store.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';

/**
 * A commit that changes nothing, so that a `no` stays true. A process that is killed in a COMMIT, or whose disk fails in it, may
 * leave a whole transaction at the end of the log that no reader sees. The next process that opens the database after all others
 * are gone would find it and keep it. The commit of this function overwrites it.
 *
 * The UPDATE counts as a change, so the commit is flushed (`group-commit.ts`).
 */
export function prepareSealLog(db: DatabaseSync): () => void {
  const select = prepareQuery<{ readonly user_version: number }>(db, 'PRAGMA user_version');
  const count = prepareCommand(db, 'UPDATE last_turn SET turn = turn');
  return () => {
    // Writes its page even when the number is the same, which an UPDATE would not do.
    db.exec(`PRAGMA user_version = ${select.get()?.user_version ?? 0}`);
    count.run();
  };
}

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
