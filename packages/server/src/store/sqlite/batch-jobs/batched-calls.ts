import type { DatabaseSync } from 'node:sqlite';
import type { GatheredLane } from '../../../core/batch-jobs.ts';
import type { BatchedCall } from '../../batch-job-store.ts';
import type { ExpiredClaim } from '../../request-store.ts';
import { type BatchedCallRow, toBatchedCall } from '../../rows/batch-job-rows.ts';
import { toExpiredClaim, type WorkRow } from '../../rows/request-rows.ts';
import { prepareReadAttempts } from '../calls/attempts.ts';
import { requestColumns, workColumn } from '../database/rows.ts';
import { prepareQuery } from '../database/statement.ts';

/** Looks only at organizations that have something ready in the lane, and at no more than `limit` requests. */
export function prepareWaiting(db: DatabaseSync): (lanes: readonly string[], limit: number) => readonly GatheredLane[] {
  const select = prepareQuery<{ readonly requests: number; readonly since: number | null }>(
    db,
    `SELECT count(*) AS requests, min(available_at) AS since FROM (
       SELECT requests.available_at FROM lanes
       JOIN requests ON requests.organization_id = lanes.organization_id AND requests.model = lanes.model
         AND requests.ready = 1
       WHERE lanes.model = ? AND lanes.ready > 0 AND lanes.is_suspended = 0 LIMIT ?
     )`,
  );
  return (lanes, limit) =>
    lanes.flatMap((lane) => {
      const { requests = 0, since = null } = select.get(lane, limit) ?? {};
      return since === null ? [] : [{ lane, requests, since }];
    });
}

/**
 *     SEARCH attempts USING INDEX attempts_in_jobs (batch_job=?)
 */
export function prepareOpenCallsOf(db: DatabaseSync): (jobId: string) => readonly BatchedCall[] {
  const select = prepareQuery<BatchedCallRow>(
    db,
    `SELECT request_id, number, image_index, result, attempts.lease_token, batch_facts, requests.lease_token AS held_by
     FROM attempts JOIN requests ON requests.id = request_id
     WHERE batch_job = ? AND (result IS NULL OR requests.lease_token = attempts.lease_token)
     ORDER BY request_id, number, image_index`,
  );
  return (jobId) => select.all(jobId).map(toBatchedCall);
}

export function prepareFindClaim(db: DatabaseSync): (requestId: string) => ExpiredClaim | undefined {
  const select = prepareQuery<WorkRow>(db, `SELECT ${requestColumns}, ${workColumn} FROM requests WHERE id = ?`);
  const readAttempts = prepareReadAttempts(db);
  return (requestId) => {
    const row = select.get(requestId);
    return row && toExpiredClaim(row, readAttempts(requestId));
  };
}
