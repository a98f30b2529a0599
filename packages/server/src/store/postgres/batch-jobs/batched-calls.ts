import type { GatheredLane } from '../../../core/batch-jobs.ts';
import type { BatchedCall } from '../../batch-job-store.ts';
import type { ExpiredClaim } from '../../request-store.ts';
import { type BatchedCallRow, toBatchedCall } from '../../rows/batch-job-rows.ts';
import { toExpiredClaim, type WorkRow } from '../../rows/request-rows.ts';
import { readAttempts } from '../calls/attempts.ts';
import { requestTables, workColumns } from '../database/rows.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

/** Looks only at organizations that have something ready in the lane, and at no more than `limit` requests of each lane. */
export const selectWaiting = toStatement<GatheredLane>(
  `SELECT asked.lane, found.requests, found.since
   FROM unnest($1::text[]) AS asked (lane) CROSS JOIN LATERAL (
     SELECT count(*) AS requests, min(available_at) AS since FROM (
       SELECT requests.available_at FROM lanes
       JOIN requests ON requests.organization_id = lanes.organization_id AND requests.model = lanes.model
         AND requests.ready
       WHERE lanes.model = asked.lane AND lanes.has_ready AND NOT lanes.is_suspended LIMIT $2
     ) AS walked
   ) AS found WHERE found.requests > 0`,
);

export function readWaiting(
  session: Session,
  lanes: readonly string[],
  limit: number,
): Promise<readonly GatheredLane[]> {
  return session.all(selectWaiting, lanes, limit);
}

/**
 *     Index Scan using attempts_in_jobs on attempts
 *       Index Cond: (batch_job = $1)
 */
export const selectOpenCalls = toStatement<BatchedCallRow>(
  `SELECT request_id, number, image_index, result, attempts.lease_token, batch_facts, requests.lease_token AS held_by
   FROM attempts JOIN requests ON requests.id = request_id
   WHERE batch_job = $1 AND (result IS NULL OR requests.lease_token = attempts.lease_token)
   ORDER BY request_id, number, image_index`,
);

export async function readOpenCalls(session: Session, jobId: string): Promise<readonly BatchedCall[]> {
  return (await session.all(selectOpenCalls, jobId)).map(toBatchedCall);
}

const selectWork = toStatement<WorkRow>(`SELECT ${workColumns} FROM ${requestTables} WHERE requests.id = $1`);

export async function findClaim(session: Session, requestId: string): Promise<ExpiredClaim | undefined> {
  const row = await session.get(selectWork, requestId);
  return row && toExpiredClaim(row, (await readAttempts(session, [requestId]))(requestId));
}
