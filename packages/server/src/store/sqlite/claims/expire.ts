import type { DatabaseSync } from 'node:sqlite';
import type { ImageRequest } from '../../../core/image-request.ts';
import { toMoment } from '../../../core/request-events.ts';
import type { Trace } from '../../damage/poisoned-rows.ts';
import { toLease } from '../../decisions/leases.ts';
import { applyTransition, toExpired } from '../../decisions/transitions.ts';
import type { RescueQuery } from '../../request-store.ts';
import { toExpiredClaim, toImageRequest, type WorkRow } from '../../rows/request-rows.ts';
import { prepareReadAttempts } from '../calls/attempts.ts';
import { prepareRemoveUnsent } from '../calls/leftovers.ts';
import { requestColumns, workColumn } from '../database/rows.ts';
import { prepareQuery } from '../database/statement.ts';
import { prepareRecordMoment } from '../events/record-moments.ts';
import { prepareChangeRequest } from '../requests/change-requests.ts';

/**
 * Goes row by row, because each outcome depends on the request's own attempts. The walks stop at the first deadline that is not
 * over.
 *
 *     SEARCH requests USING INDEX requests_by_deadline (deadline_at<?)
 *     SEARCH requests USING INDEX requests_held_by_deadline (deadline_at<?)
 */
export function prepareExpire(db: DatabaseSync): (query: RescueQuery, trace: Trace) => readonly ImageRequest[] {
  const readAttempts = prepareReadAttempts(db);
  const removeUnsent = prepareRemoveUnsent(db);
  const record = prepareRecordMoment(db);
  const selectOver = prepareSelectOver(db);
  const change = prepareChangeRequest(db);

  return ({ now, limit, decide }, trace) => {
    const found = selectOver(now, limit + trace.aside.size);
    return trace.choose(found, { idOf: ({ id }) => id, limit }).map((row) => {
      const { id, lease_token: leaseToken } = row;
      trace.touch(id);
      const verdict = decide(toExpiredClaim(row, readAttempts(id)));
      const transition = toExpired(row.status, verdict, now);
      change({ id, leaseToken, transition });
      // Nothing may be sent any more: the room of these calls is free at once.
      const lease = toLease(row);
      if (lease) removeUnsent(lease, now);
      record({ requestId: id, at: now, moment: toMoment(verdict) });
      return toImageRequest(applyTransition(row, transition));
    });
  };
}

function prepareSelectOver(db: DatabaseSync): (now: number, limit: number) => readonly WorkRow[] {
  const prepareWalk = (status: 'queued' | 'processing') =>
    prepareQuery<WorkRow>(
      db,
      `SELECT ${requestColumns}, ${workColumn} FROM requests WHERE status = '${status}' AND deadline_at <= ?
       ORDER BY deadline_at LIMIT ?`,
    );
  const selectHeld = prepareWalk('processing');
  const selectQueued = prepareWalk('queued');
  return (now, limit) => {
    const held = selectHeld.all(now, limit);
    return held.length === limit ? held : [...held, ...selectQueued.all(now, limit - held.length)];
  };
}
