import type { DatabaseSync } from 'node:sqlite';
import type { Lease } from '../../core/image-request.ts';
import { prepareCommand, prepareQuery } from './query.ts';

/** The lease is read and the lines are written in one transaction, so no line can follow a lease that is gone. */
export function prepareBeginCalls(
  db: DatabaseSync,
): (lease: Lease, calls: { readonly imageIndexes: readonly number[]; readonly now: number }) => boolean {
  const holder = prepareQuery<{ readonly worker: string }>(
    db,
    `SELECT worker FROM requests WHERE id = ? AND status = 'processing' AND lease_token = ?`,
  );
  const insert = prepareCommand(
    db,
    `INSERT INTO attempts (
       request_id, number, image_index, lease_token, worker, started_at, cost_micros, is_possibly_billed
     ) VALUES (?, ?, ?, ?, ?, ?, 0, 0)`,
  );

  return (lease, { imageIndexes, now }) => {
    const row = holder.get(lease.requestId, lease.token);
    if (!row) return false;
    for (const imageIndex of imageIndexes) {
      insert.run(lease.requestId, lease.attempt, imageIndex, lease.token, row.worker, now);
    }
    return true;
  };
}
