import type { ImageRequest, Outcome, Verdict } from '../../core/image-request.ts';
import { lifecycle } from '../../core/lifecycle.ts';
import { toMoment } from '../../core/request-events.ts';
import type { RescueQuery } from '../request-store.ts';
import { toImageRequest, toOrder } from '../rows.ts';
import { advisoryLocks, lockAdvisory } from './advisory-locks.ts';
import { readAttempts } from './attempts.ts';
import { changeRequests } from './change-requests.ts';
import type { Database } from './database.ts';
import { lockRequestsAndWork, lockRows } from './lock-requests.ts';
import { recordMoments } from './record-moments.ts';
import type { Session } from './session.ts';
import { toStatement } from './statement.ts';

/**
 *     Index Scan using requests_by_deadline on requests
 *       Index Cond: (deadline_at <= $1)
 */
export const selectOver = toStatement<{ readonly id: string }>(
  `SELECT id FROM requests WHERE status = 'queued' AND deadline_at <= $1 ORDER BY deadline_at LIMIT $2`,
);

/** Asks first without a transaction, since deadlines are rarely over. One process ends them at a time. */
export async function expire(db: Database, query: RescueQuery): Promise<readonly ImageRequest[]> {
  if ((await db.all(selectOver, query.now, 1)).length === 0) return [];
  return db.transaction(async (session) => {
    await lockAdvisory(session, advisoryLocks.rescue);
    return expireIn(session, query);
  });
}

async function expireIn(session: Session, { now, limit, decide }: RescueQuery): Promise<readonly ImageRequest[]> {
  const candidates = (await session.all(selectOver, now, limit)).map(({ id }) => id);
  const rows = await lockRequestsAndWork(session, candidates);
  const over = rows.filter(({ status, deadline_at: deadlineAt }) => status === 'queued' && deadlineAt <= now);
  const ids = over.map(({ id }) => id);
  const attemptsOf = await readAttempts(session, ids);
  const ends = over.map((row) => {
    const verdict = decide({ request: toImageRequest(row), order: toOrder(row), attempts: attemptsOf(row.id) });
    return { id: row.id, verdict, outcome: toOutcome(verdict) };
  });
  await changeRequests(
    session,
    ends.map(({ id, outcome }) => {
      const status = lifecycle.queued[outcome.kind === 'success' ? 'salvage' : 'expire'];
      return { id, costMicros: 0, next: { status, at: now, outcome } };
    }),
  );
  await recordMoments(
    session,
    ends.map(({ id, verdict }) => ({ requestId: id, at: now, moment: toMoment(verdict) })),
  );
  return (await session.all(lockRows, ids)).map(toImageRequest);
}

function toOutcome(verdict: Verdict): Outcome {
  if ('outcome' in verdict) return verdict.outcome;
  throw new Error(`A request whose deadline is over cannot end with ${verdict.kind}.`);
}
