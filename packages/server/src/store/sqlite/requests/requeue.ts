import type { DatabaseSync } from 'node:sqlite';
import type { ImageRequest } from '../../../core/image-request.ts';
import { applyRequeued, toRequeued } from '../../decisions/transitions.ts';
import { type RequestRow, toImageRequest } from '../../rows/request-rows.ts';
import { requestColumns } from '../database/rows.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';
import { prepareRecordMoment } from '../events/record-moments.ts';

/** Goes row by row, by the unique `id`: an operator sends at most hundreds at a time. */
export function prepareRequeue(db: DatabaseSync): (ids: readonly string[], now: number) => readonly ImageRequest[] {
  const select = prepareQuery<RequestRow>(db, `SELECT ${requestColumns} FROM requests WHERE id = ?`);
  const update = prepareCommand(
    db,
    `UPDATE requests SET status = 'queued', ready = 1, available_at = ?1, queued_at = ?1, deadline_at = ?2, outcome = NULL,
       moves_up_at = moves_up_at + ?2 - deadline_at, updated_at = ?1 WHERE id = ?3`,
  );
  const record = prepareRecordMoment(db);
  return (ids, now) =>
    ids.flatMap((id) => {
      const row = select.get(id);
      const requeued = row && toRequeued(row, now);
      if (!requeued) return [];
      update.run(requeued.queuedAt, requeued.deadlineAt, id);
      record({ requestId: id, at: now, moment: { kind: 'queued' } });
      return [toImageRequest(applyRequeued(row, requeued))];
    });
}
