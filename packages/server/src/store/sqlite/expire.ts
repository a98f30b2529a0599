import type { DatabaseSync } from 'node:sqlite';
import type { ImageRequest, Outcome, Verdict } from '../../core/image-request.ts';
import { lifecycle } from '../../core/lifecycle.ts';
import { toMoment } from '../../core/request-events.ts';
import type { RescueQuery } from '../request-store.ts';
import { type RequestRow, toImageRequest, toJson, toOrder, type WorkRow } from '../rows.ts';
import { prepareReadAttempts } from './attempts.ts';
import { prepareQuery } from './query.ts';
import { prepareRecordMoment } from './record-moment.ts';
import { requestColumns, workColumn } from './rows.ts';

/**
 * Row by row, because each outcome tells of the request's own tries. The walk of `requests_by_deadline` stops at the
 * first deadline that is not over.
 *
 *     SEARCH requests USING INDEX requests_by_deadline (deadline_at<?)
 */
export function prepareExpire(db: DatabaseSync): (query: RescueQuery) => readonly ImageRequest[] {
  const readAttempts = prepareReadAttempts(db);
  const record = prepareRecordMoment(db);
  const selectOver = prepareQuery<WorkRow>(
    db,
    `SELECT ${requestColumns}, ${workColumn} FROM requests WHERE status = 'queued' AND deadline_at <= ?
     ORDER BY deadline_at LIMIT ?`,
  );
  const end = prepareQuery<RequestRow>(
    db,
    `UPDATE requests SET status = ?, ready = 0, retry_code = NULL, outcome = ?, updated_at = ?
     WHERE id = ? AND status = 'queued' RETURNING ${requestColumns}`,
  );

  return ({ now, limit, decide }) =>
    selectOver.all(now, limit).flatMap((row) => {
      const verdict = decide({ request: toImageRequest(row), order: toOrder(row), attempts: readAttempts(row.id) });
      const outcome = toOutcome(verdict);
      const status = lifecycle.queued[outcome.kind === 'success' ? 'salvage' : 'expire'];
      const after = end.get(status, toJson(outcome), now, row.id);
      if (!after) return [];
      record({ requestId: row.id, at: now, moment: toMoment(verdict) });
      return [toImageRequest(after)];
    });
}

function toOutcome(verdict: Verdict): Outcome {
  if ('outcome' in verdict) return verdict.outcome;
  throw new Error(`A request whose deadline is over cannot end with ${verdict.kind}.`);
}
