import type { DatabaseSync } from 'node:sqlite';
import type { ImageRequest, Lease } from '../../../core/image-request.ts';
import type { Trace } from '../../damage/poisoned-rows.ts';
import type { LeaseWatch, RescueQuery } from '../../request-store.ts';
import { type RequestRow, readOrder, toImageRequest, type WorkRow } from '../../rows/request-rows.ts';
import { prepareReadAttempts } from '../calls/attempts.ts';
import { prepareEndLeftovers } from '../calls/leftovers.ts';
import { requestColumns, workColumn } from '../database/rows.ts';
import { prepareQuery } from '../database/statement.ts';
import { prepareApplyVerdict } from './settle.ts';

/**
 * One transaction for all: the walks of `requests_leased` and `attempts_leased` stop at the first lease that has not run
 * out, so a rescue that finds nothing costs a few microseconds.
 *
 *     SEARCH requests USING INDEX requests_leased (lease_expires_at<?)
 *     SEARCH attempts USING INDEX attempts_leased (lease_expires_at<?)
 */
export function prepareRescue(
  db: DatabaseSync,
): (query: RescueQuery & { readonly watch?: LeaseWatch }, trace: Trace) => readonly ImageRequest[] {
  const readAttempts = prepareReadAttempts(db);
  const endLeftovers = prepareEndLeftovers(db);
  const applyVerdict = prepareApplyVerdict(db);
  const endOrphans = prepareEndOrphans(db);
  const selectLost = prepareQuery<WorkRow & LeaseRow>(
    db,
    `SELECT ${requestColumns}, ${workColumn}, lease_token, lease_expires_at FROM requests WHERE status = 'processing' AND lease_expires_at <= ?
     ORDER BY lease_expires_at LIMIT ?`,
  );
  const reread = prepareQuery<RequestRow>(db, `SELECT ${requestColumns} FROM requests WHERE id = ?`);

  return ({ now, limit, decide, watch = { aheadMs: 0, isLost: () => true } }, trace) => {
    const until = now + watch.aheadMs;
    const isLost = (row: LeaseRow) => watch.isLost({ token: row.lease_token, expiresAt: row.lease_expires_at });
    const lost = selectLost.all(until, limit + trace.aside.size).filter(isLost);
    const rescued = trace.choose(lost, { idOf: ({ id }) => id, limit }).flatMap((row) => {
      trace.touch(row.id);
      const lease: Lease = { requestId: row.id, attempt: row.attempt, token: row.lease_token };
      endLeftovers(lease, { result: 'lost', now });
      const verdict = decide({ request: toImageRequest(row), order: readOrder(row), attempts: readAttempts(row.id) });
      applyVerdict(lease, { verdict, now, isUntold: false });
      const after = reread.get(row.id);
      return after ? [toImageRequest(after)] : [];
    });
    endOrphans({ now, until, isLost }, trace);
    return rescued;
  };
}

interface LeaseRow {
  readonly lease_token: string;
  readonly lease_expires_at: number;
}

interface OrphanQuery {
  readonly now: number;
  readonly until: number;
  readonly isLost: (row: LeaseRow) => boolean;
}

/**
 * Lines whose request has moved on and whose worker no longer prolongs them. Those of requests that are still held have
 * the same lease as these, and end with their requests. They are as few as the calls that a dead worker had under way.
 */
function prepareEndOrphans(db: DatabaseSync): (query: OrphanQuery, trace: Trace) => void {
  const endLeftovers = prepareEndLeftovers(db);
  const select = prepareQuery<LeaseRow & { readonly request_id: string; readonly number: number }>(
    db,
    `SELECT request_id, number, lease_token, lease_expires_at FROM attempts WHERE result IS NULL AND lease_expires_at <= ?
       AND NOT EXISTS (SELECT 1 FROM requests WHERE id = request_id AND requests.lease_token = attempts.lease_token)
     ORDER BY lease_expires_at`,
  );
  return ({ now, until, isLost }, trace) => {
    for (const { request_id: requestId, number: attempt, lease_token: token } of select.all(until).filter(isLost)) {
      if (trace.aside.has(requestId)) continue;
      trace.touch(requestId);
      endLeftovers({ requestId, attempt, token }, { result: 'lost', now });
    }
  };
}
