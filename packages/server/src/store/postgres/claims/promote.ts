import type { Trace } from '../../damage/poisoned-rows.ts';
import { maxPromotions } from '../../decisions/claims.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { lockRequests } from '../requests/lock-requests.ts';

/**
 *     Index Scan using requests_waiting on requests
 *       Index Cond: (available_at <= $1)
 */
export const selectDue = toStatement<{ readonly id: string }>(
  `SELECT id FROM requests WHERE status = 'queued' AND NOT ready AND available_at <= $1
   ORDER BY available_at LIMIT ${maxPromotions}`,
);

export const updateReady = toStatement('UPDATE requests SET ready = true WHERE id = ANY ($1::text[])');

/** Runs in its own transaction, since a claim locks other lanes than these. */
export async function promote(session: Session, now: number, trace: Trace): Promise<void> {
  const limit = trace.isAlone ? 1 : maxPromotions;
  const ids = trace.choose(await session.all(selectDue, now), { idOf: ({ id }) => id, limit }).map(({ id }) => id);
  if (ids.length === 0) return;
  for (const id of ids) trace.touch(id);
  // Other processes may have promoted, claimed or cancelled some of them in the meantime.
  const due = (await lockRequests(session, ids)).filter((row) => row.status === 'queued' && row.available_at <= now);
  await session.run(
    updateReady,
    due.map(({ id }) => id),
  );
}
