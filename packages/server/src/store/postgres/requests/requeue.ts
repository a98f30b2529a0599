import type { ImageRequest } from '../../../core/image-request.ts';
import { toImageRequest } from '../../rows/request-rows.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { recordMoments } from '../events/record-moments.ts';
import { lockRequests, lockRows } from './lock-requests.ts';

export const requeueRequests = toStatement(
  `UPDATE requests SET status = 'queued', ready = true, available_at = $2, deadline_at = $2 + deadline_at - queued_at,
     queued_at = $2, outcome = NULL, failure_code = NULL, updated_at = $2
   WHERE id = ANY ($1::text[])`,
);

/** In the order in which they were named. */
export async function requeue(session: Session, ids: readonly string[], now: number): Promise<readonly ImageRequest[]> {
  const rows = await lockRequests(session, ids);
  const ended = new Set(rows.filter(({ status }) => status === 'failed' || status === 'cancelled').map(({ id }) => id));
  const queued = [...new Set(ids)].filter((id) => ended.has(id));
  if (queued.length === 0) return [];
  await session.run(requeueRequests, queued, now);
  await recordMoments(
    session,
    queued.map((requestId) => ({ requestId, at: now, moment: { kind: 'queued' } })),
  );
  const after = new Map((await session.all(lockRows, queued)).map((row) => [row.id, toImageRequest(row)]));
  return queued.flatMap((id) => after.get(id) ?? []);
}
