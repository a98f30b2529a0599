import type { ImageRequest, Outcome, Verdict } from '../../../core/image-request.ts';
import { isEnded, lifecycle } from '../../../core/lifecycle.ts';
import { toMoment } from '../../../core/request-events.ts';
import type { Trace } from '../../damage/poisoned-rows.ts';
import type { RescueQuery } from '../../request-store.ts';
import { readOrder, toImageRequest } from '../../rows/request-rows.ts';
import { readAttempts } from '../calls/attempts.ts';
import { endLeftovers, type Leftover } from '../calls/leftovers.ts';
import { advisoryLocks, lockAdvisory } from '../database/advisory-locks.ts';
import type { Database } from '../database/database.ts';
import type { WorkRow } from '../database/rows.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { recordMoments } from '../events/record-moments.ts';
import { changeRequests } from '../requests/change-requests.ts';
import { lockRequestsAndWork, lockRows } from '../requests/lock-requests.ts';
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

/** Asks first without a transaction, since deadlines are rarely over. One process ends them at a time. */
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
  const ids = over.map(({ id }) => id);
  const attemptsOf = await readAttempts(session, ids);
  const ends = over.map((row) => {
    const verdict = decide({ request: toImageRequest(row), order: readOrder(row), attempts: attemptsOf(row.id) });
    return { row, verdict, outcome: toOutcome(verdict) };
  });
  const { changes } = await endLeftovers(
    session,
    ends.flatMap(({ row }) => toLeftover(row, now)),
  );
  await changeRequests(
    session,
    ends.map(({ row, outcome }) => {
      const status = lifecycle[row.status][outcome.kind === 'success' ? 'salvage' : 'expire'];
      if (status === 'refused') throw new Error(`A deadline cannot end a request that is ${row.status}.`);
      return { id: row.id, costMicros: 0, next: { status, at: now, outcome } };
    }),
  );
  await changeStates(session, changes);
  await recordMoments(
    session,
    ends.map(({ row, verdict }) => ({ requestId: row.id, at: now, moment: toMoment(verdict) })),
  );
  return (await session.all(lockRows, ids)).map(toImageRequest);
}

/** Nothing may be sent any more: calls that were granted and not sent go, and their room is free at once. */
function toLeftover(row: WorkRow, now: number): readonly Leftover[] {
  if (row.lease_token === null) return [];
  return [{ lease: { requestId: row.id, attempt: row.attempt, token: row.lease_token }, result: undefined, now }];
}

function toOutcome(verdict: Verdict): Outcome {
  if ('outcome' in verdict) return verdict.outcome;
  throw new Error(`A request whose deadline is over cannot end with ${verdict.kind}.`);
}
