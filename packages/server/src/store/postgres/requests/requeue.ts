import type { ImageRequest } from '../../../core/image-request.ts';
import { applyRequeued, toRequeued } from '../../decisions/transitions.ts';
import { toImageRequest } from '../../rows/request-rows.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { recordMoments } from '../events/record-moments.ts';
import { lockRequests } from './lock-requests.ts';

/** `toRequeued` decides the time and the deadlines. */
export const requeueRequests = toStatement(
  `UPDATE requests SET status = 'queued', ready = true, available_at = $2, queued_at = $2, deadline_at = requeued.deadline_at,
     moves_up_at = requests.moves_up_at + requeued.deadline_at - requests.deadline_at, outcome = NULL, failure_code = NULL,
     updated_at = $2
   FROM unnest($1::text[], $3::bigint[]) AS requeued (id, deadline_at) WHERE requests.id = requeued.id`,
);

/** In the order in which they were named. */
export async function requeue(session: Session, ids: readonly string[], now: number): Promise<readonly ImageRequest[]> {
  const rows = new Map((await lockRequests(session, ids)).map((row) => [row.id, row]));
  const queued = [...new Set(ids)].flatMap((id) => {
    const row = rows.get(id);
    const requeued = row && toRequeued(row, now);
    return requeued ? [{ row, requeued }] : [];
  });
  if (queued.length === 0) return [];
  await session.run(
    requeueRequests,
    queued.map(({ row }) => row.id),
    now,
    queued.map(({ requeued }) => requeued.deadlineAt),
  );
  await recordMoments(
    session,
    queued.map(({ row }) => ({ requestId: row.id, at: now, moment: { kind: 'queued' } })),
  );
  return queued.map(({ row, requeued }) => toImageRequest(applyRequeued(row, requeued)));
}
