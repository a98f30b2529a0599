import type { DatabaseSync } from 'node:sqlite';
import type { ImageRequest, Lease } from '../../core/image-request.ts';
import type { RescueQuery } from '../request-store.ts';
import { prepareReadAttempts } from './attempts.ts';
import { prepareQuery } from './query.ts';
import { type RequestRow, requestColumns, toImageRequest, toOrder, type WorkRow, workColumn } from './rows.ts';
import { prepareApplyVerdict, prepareEndLeftovers } from './settle.ts';

/**
 * One transaction for all: the walk of `requests_leased` stops at the first lease that has not run out, so a rescue
 * that finds nothing costs a few microseconds.
 *
 *     SEARCH requests USING INDEX requests_leased (lease_expires_at<?)
 */
export function prepareRescue(db: DatabaseSync): (query: RescueQuery) => readonly ImageRequest[] {
  const readAttempts = prepareReadAttempts(db);
  const endLeftovers = prepareEndLeftovers(db);
  const applyVerdict = prepareApplyVerdict(db);
  const selectLost = prepareQuery<WorkRow & { readonly lease_token: string }>(
    db,
    `SELECT ${requestColumns}, ${workColumn}, lease_token FROM requests WHERE status = 'processing' AND lease_expires_at <= ?
     ORDER BY lease_expires_at LIMIT ?`,
  );
  const reread = prepareQuery<RequestRow>(db, `SELECT ${requestColumns} FROM requests WHERE id = ?`);

  return ({ now, limit, decide }) =>
    selectLost.all(now, limit).flatMap((row) => {
      const lease: Lease = { requestId: row.id, attempt: row.attempt, token: row.lease_token };
      endLeftovers(lease, { result: 'lost', now });
      const verdict = decide({ request: toImageRequest(row), order: toOrder(row), attempts: readAttempts(row.id) });
      applyVerdict(lease, { verdict, now });
      const after = reread.get(row.id);
      return after ? [toImageRequest(after)] : [];
    });
}
