import type { DatabaseSync } from 'node:sqlite';
import type { ImageRequest } from '../../../core/image-request.ts';
import { type RequestRow, toImageRequest } from '../../rows/request-rows.ts';
import { requestColumns } from '../database/rows.ts';
import { prepareQuery } from '../database/statement.ts';
import { prepareRecordMoment } from '../events/record-moments.ts';

/** Row by row by the unique `id`: an operator sends hundreds at a time, not more. */
export function prepareRequeue(db: DatabaseSync): (ids: readonly string[], now: number) => readonly ImageRequest[] {
  const update = prepareQuery<RequestRow>(
    db,
    `UPDATE requests SET status = 'queued', ready = 1, available_at = ?1, deadline_at = ?1 + deadline_at - queued_at,
       queued_at = ?1, outcome = NULL, updated_at = ?1
     WHERE id = ?2 AND status IN ('failed', 'cancelled') RETURNING ${requestColumns}`,
  );
  const record = prepareRecordMoment(db);
  return (ids, now) =>
    ids.flatMap((id) => {
      const row = update.get(now, id);
      if (!row) return [];
      record({ requestId: id, at: now, moment: { kind: 'queued' } });
      return [toImageRequest(row)];
    });
}
