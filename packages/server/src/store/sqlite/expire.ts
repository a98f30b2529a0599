import type { DatabaseSync } from 'node:sqlite';
import type { FailureOutcome, ImageRequest } from '../../core/image-request.ts';
import { toDeadlineFailure } from '../../core/verdict.ts';
import { prepareReadAttempts } from './attempts.ts';
import { prepareQuery } from './query.ts';
import { type RequestRow, requestColumns, toImageRequest, toJson } from './rows.ts';

/**
 * Row by row, because each outcome tells of the request's own last failure. The walk of `requests_by_deadline` stops at
 * the first deadline that is not over.
 *
 *     SEARCH requests USING INDEX requests_by_deadline (deadline_at<?)
 */
export function prepareExpire(
  db: DatabaseSync,
): (query: { readonly now: number; readonly limit: number }) => readonly ImageRequest[] {
  const readAttempts = prepareReadAttempts(db);
  const selectOver = prepareQuery<{ readonly seq: number; readonly id: string }>(
    db,
    `SELECT seq, id FROM requests WHERE status = 'queued' AND deadline_at <= ? ORDER BY deadline_at LIMIT ?`,
  );
  const fail = prepareQuery<RequestRow>(
    db,
    `UPDATE requests SET status = 'failed', ready = 0, outcome = ?, updated_at = ?
     WHERE seq = ? AND status = 'queued' RETURNING ${requestColumns}`,
  );

  return ({ now, limit }) =>
    selectOver.all(now, limit).flatMap(({ seq, id }) => {
      const lastFailure = readAttempts(id).findLast((attempt) => attempt.failure)?.failure;
      const outcome: FailureOutcome = { kind: 'failure', failure: toDeadlineFailure(lastFailure) };
      const row = fail.get(toJson(outcome), now, seq);
      return row ? [toImageRequest(row)] : [];
    });
}
