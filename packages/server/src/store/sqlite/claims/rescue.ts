import type { DatabaseSync } from 'node:sqlite';
import type { ImageRequest } from '../../../core/image-request.ts';
import { toMoment } from '../../../core/request-events.ts';
import type { Trace } from '../../damage/poisoned-rows.ts';
import { type LeaseLook, type LeaseRow, toLeaseLook } from '../../decisions/leases.ts';
import { applyTransition, toSettled } from '../../decisions/transitions.ts';
import type { LeaseWatch, RescueQuery } from '../../request-store.ts';
import { toExpiredClaim, toImageRequest, type WorkRow } from '../../rows/request-rows.ts';
import { prepareReadAttempts } from '../calls/attempts.ts';
import { prepareEndLeftovers } from '../calls/leftovers.ts';
import { requestColumns, workColumn } from '../database/rows.ts';
import { prepareQuery } from '../database/statement.ts';
import { prepareRecordMoment } from '../events/record-moments.ts';
import { prepareChangeRequest } from '../requests/change-requests.ts';

/**
 * One transaction for everything. The walks of `requests_leased` and `attempts_leased` stop at the first lease that has not run
 * out, so a rescue that finds nothing costs a few microseconds.
 *
 *     SEARCH requests USING INDEX requests_leased (lease_expires_at<?)
 *     SEARCH attempts USING INDEX attempts_leased (lease_expires_at<?)
 */
export function prepareRescue(
  db: DatabaseSync,
): (query: RescueQuery & { readonly watch?: LeaseWatch }, trace: Trace) => readonly ImageRequest[] {
  const rescueLost = prepareRescueLost(db);
  const endOrphans = prepareEndOrphans(db);
  return (query, trace) => {
    const look = toLeaseLook(query);
    const rescued = rescueLost(query, { look, trace });
    endOrphans(query.now, { look, trace });
    return rescued;
  };
}

interface Rescuing {
  readonly look: LeaseLook;
  readonly trace: Trace;
}

function prepareRescueLost(db: DatabaseSync): (query: RescueQuery, rescuing: Rescuing) => readonly ImageRequest[] {
  const readAttempts = prepareReadAttempts(db);
  const endLeftovers = prepareEndLeftovers(db);
  const change = prepareChangeRequest(db);
  const record = prepareRecordMoment(db);
  const selectLost = prepareQuery<WorkRow & LeaseRow>(
    db,
    `SELECT ${requestColumns}, ${workColumn}, lease_expires_at FROM requests
     WHERE status = 'processing' AND lease_expires_at <= ? ORDER BY lease_expires_at LIMIT ?`,
  );
  return ({ now, limit, decide }, { look, trace }) => {
    const lost = selectLost.all(look.until, limit + trace.aside.size).filter(look.isLost);
    return trace.choose(lost, { idOf: ({ id }) => id, limit }).map((row) => {
      const { id, lease_token: leaseToken } = row;
      trace.touch(id);
      endLeftovers({ requestId: id, attempt: row.attempt, token: leaseToken }, { result: 'lost', now });
      const verdict = decide(toExpiredClaim(row, readAttempts(id)));
      const transition = toSettled(verdict, now);
      change({ id, leaseToken, transition });
      record({ requestId: id, at: now, moment: toMoment(verdict) });
      return toImageRequest(applyTransition(row, transition));
    });
  };
}

/**
 * Lines whose request has moved on and whose worker no longer prolongs them. Lines of requests that are still held have the same
 * lease as these, and end with their requests. There are only as many as a dead worker had calls under way.
 */
function prepareEndOrphans(db: DatabaseSync): (now: number, rescuing: Rescuing) => void {
  const endLeftovers = prepareEndLeftovers(db);
  const select = prepareQuery<LeaseRow & { readonly request_id: string; readonly number: number }>(
    db,
    `SELECT request_id, number, lease_token, lease_expires_at FROM attempts WHERE result IS NULL AND lease_expires_at <= ?
       AND NOT EXISTS (SELECT 1 FROM requests WHERE id = request_id AND requests.lease_token = attempts.lease_token)
     ORDER BY lease_expires_at`,
  );
  return (now, { look, trace }) => {
    for (const { request_id: requestId, number: attempt, lease_token: token } of select
      .all(look.until)
      .filter(look.isLost)) {
      if (trace.aside.has(requestId)) continue;
      trace.touch(requestId);
      endLeftovers({ requestId, attempt, token }, { result: 'lost', now });
    }
  };
}
