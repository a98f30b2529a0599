import type { ImageRequest } from '../../../core/image-request.ts';
import { isEnded } from '../../../core/lifecycle.ts';
import { toMoment } from '../../../core/request-events.ts';
import type { Trace } from '../../damage/poisoned-rows.ts';
import { toLease } from '../../decisions/leases.ts';
import { applyTransition, toExpired } from '../../decisions/transitions.ts';
import type { RescueQuery } from '../../request-store.ts';
import { toExpiredClaim, toImageRequest } from '../../rows/request-rows.ts';
import { readAttempts } from '../calls/attempts.ts';
import { endLeftovers } from '../calls/leftovers.ts';
import { advisoryLocks, lockAdvisory } from '../database/advisory-locks.ts';
import type { Database } from '../database/database.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { recordMoments } from '../events/record-moments.ts';
import { changeRequests } from '../requests/change-requests.ts';
import { lockRequestsAndWork } from '../requests/lock-requests.ts';
import { changeStates } from '../upstreams/upstream-states.ts';

/**
 *     Index Scan using requests_by_deadline on requests
 *       Index Cond: (deadline_at <= $1)
 *     Index Scan using requests_held_by_deadline on requests
 *       Index Cond: (deadline_at <= $1)
 */
export const selectOver = toStatement<{ readonly id: string }>(
  `(SELECT id FROM requests WHERE status = 'processing' AND deadline_at <= $1 ORDER BY deadline_at LIMIT $2)
   UNION ALL (SELECT id FROM requests WHERE status = 'queued' AND deadline_at <= $1 ORDER BY deadline_at LIMIT $2)
   LIMIT $2`,
);

/** Checks first without a transaction, since deadlines are rarely over. Only one process ends expired requests at a time. */
export async function expire(db: Database, query: RescueQuery, trace: Trace): Promise<readonly ImageRequest[]> {
  if ((await db.all(selectOver, query.now, 1)).length === 0) return [];
  return db.transaction(async (session) => {
    await lockAdvisory(session, advisoryLocks.rescue);
    return expireIn(session, query, trace);
  });
}

async function expireIn(
  session: Session,
  { now, limit, decide }: RescueQuery,
  trace: Trace,
): Promise<readonly ImageRequest[]> {
  const found = await session.all(selectOver, now, limit + trace.aside.size);
  const candidates = trace.choose(found, { idOf: ({ id }) => id, limit }).map(({ id }) => id);
  for (const id of candidates) trace.touch(id);
  const rows = await lockRequestsAndWork(session, candidates);
  const over = rows.filter(({ status, deadline_at: deadlineAt }) => !isEnded(status) && deadlineAt <= now);
  const attemptsOf = await readAttempts(
    session,
    over.map(({ id }) => id),
  );
  const ends = over.map((row) => {
    const verdict = decide(toExpiredClaim(row, attemptsOf(row.id)));
    return { row, verdict, transition: toExpired(row.status, verdict, now) };
  });
  // Nothing may be sent any more: calls that were granted and not sent are removed, which frees their room at once.
  const leases = over.flatMap((row) => toLease(row) ?? []);
  const leftovers = await endLeftovers(
    session,
    leases.map((lease) => ({ lease, result: undefined, now })),
  );
  await changeRequests(
    session,
    ends.map(({ row, transition }) => ({ id: row.id, costMicros: 0, transition })),
  );
  await changeStates(session, leftovers.changes);
  await recordMoments(
    session,
    ends.map(({ row, verdict }) => ({ requestId: row.id, at: now, moment: toMoment(verdict) })),
  );
  return ends.map(({ row, transition }) => toImageRequest(applyTransition(row, transition)));
}
