import type { DatabaseSync } from 'node:sqlite';
import type { ImageRequest, Outcome, Verdict } from '../../../core/image-request.ts';
import { lifecycle } from '../../../core/lifecycle.ts';
import { toMoment } from '../../../core/request-events.ts';
import type { Trace } from '../../damage/poisoned-rows.ts';
import type { RescueQuery } from '../../request-store.ts';
import { type RequestRow, readOrder, toImageRequest, toJson, type WorkRow } from '../../rows/request-rows.ts';
import { prepareReadAttempts } from '../calls/attempts.ts';
import { prepareRemoveUnsent } from '../calls/leftovers.ts';
import { requestColumns, workColumn } from '../database/rows.ts';
import { prepareQuery } from '../database/statement.ts';
import { prepareRecordMoment } from '../events/record-moments.ts';

/**
 * Row by row, because each outcome tells of the request's own tries. The walks stop at the first deadline that is not over.
 *
 *     SEARCH requests USING INDEX requests_by_deadline (deadline_at<?)
 *     SEARCH requests USING INDEX requests_held_by_deadline (deadline_at<?)
 */
export function prepareExpire(db: DatabaseSync): (query: RescueQuery, trace: Trace) => readonly ImageRequest[] {
  const readAttempts = prepareReadAttempts(db);
  const removeUnsent = prepareRemoveUnsent(db);
  const record = prepareRecordMoment(db);
  const selectOver = prepareSelectOver(db);
  const end = prepareQuery<RequestRow>(
    db,
    `UPDATE requests SET status = ?, ready = 0, retry_code = NULL, lease_token = NULL, lease_expires_at = NULL, worker = NULL,
       outcome = ?, updated_at = ?
     WHERE id = ? AND status IN ('queued', 'processing') RETURNING ${requestColumns}`,
  );

  return ({ now, limit, decide }, trace) => {
    const found = selectOver(now, limit + trace.aside.size);
    return trace.choose(found, { idOf: ({ id }) => id, limit }).flatMap((row) => {
      trace.touch(row.id);
      const verdict = decide({ request: toImageRequest(row), order: readOrder(row), attempts: readAttempts(row.id) });
      const outcome = toOutcome(verdict);
      const status = lifecycle[row.status][outcome.kind === 'success' ? 'salvage' : 'expire'];
      const after = end.get(status, toJson(outcome), now, row.id);
      if (!after) return [];
      // Nothing may be sent any more: the room of these calls is free at once.
      if (row.lease_token !== null)
        removeUnsent({ requestId: row.id, attempt: row.attempt, token: row.lease_token }, now);
      record({ requestId: row.id, at: now, moment: toMoment(verdict) });
      return [toImageRequest(after)];
    });
  };
}

interface OverRow extends WorkRow {
  readonly lease_token: string | null;
}

function prepareSelectOver(db: DatabaseSync): (now: number, limit: number) => readonly OverRow[] {
  const prepareWalk = (status: 'queued' | 'processing') =>
    prepareQuery<OverRow>(
      db,
      `SELECT ${requestColumns}, ${workColumn}, lease_token FROM requests WHERE status = '${status}' AND deadline_at <= ?
       ORDER BY deadline_at LIMIT ?`,
    );
  const selectHeld = prepareWalk('processing');
  const selectQueued = prepareWalk('queued');
  return (now, limit) => {
    const held = selectHeld.all(now, limit);
    return held.length === limit ? held : [...held, ...selectQueued.all(now, limit - held.length)];
  };
}

function toOutcome(verdict: Verdict): Outcome {
  if ('outcome' in verdict) return verdict.outcome;
  throw new Error(`A request whose deadline is over cannot end with ${verdict.kind}.`);
}
