import type { UpstreamPool } from '../../../core/upstream-pool.ts';
import { createSecret } from '../../../platform/ids.ts';
import type { Trace } from '../../damage/poisoned-rows.ts';
import { countPlaces, type Taking, takeRequest, toClaimed, toNextAvailableAt } from '../../decisions/claims.ts';
import type { Telling } from '../../decisions/news.ts';
import type { ClaimQuery, ClaimResult } from '../../request-store.ts';
import { readAttempts } from '../calls/attempts.ts';
import { advisoryLocks, lockAdvisory } from '../database/advisory-locks.ts';
import type { Database } from '../database/database.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { lockTail, recordMoments } from '../events/record-moments.ts';
import { keepStates, openPool } from '../upstreams/upstream-states.ts';
import { lockLanes } from './lock-lanes.ts';
import { promote } from './promote.ts';
import { keepTakings } from './take.ts';
import { selectFirstLanes, WaitingLines } from './waiting-lines.ts';

/*
 * Claims: everything that gives a request to a worker or takes it from one. That is the fair order, leases, the verdict that ends
 * an attempt, lost workers, deadlines, and positions in the queue.
 */

/** If more calls fit, the next claim takes them. */
const maxCalls = 1_000;

/**
 * Only one claim runs at a time over all processes. Its rules need to see what earlier claims have granted, and it takes some
 * milliseconds while a call takes tens of seconds. It reads the first requests of the lanes whose turn comes first, decides here,
 * and writes everything that it has taken at once: some fifteen statements in ten round trips, however many requests it takes.
 *
 * Differs from the twin because each statement is a round trip here; SQLite reads one request after the other. Both find the same
 * requests: the property test of positions compares them. While nothing can be taken, a claim locks nothing.
 */
export async function claim(db: Database, given: ClaimQuery, trace: Trace): Promise<ClaimResult> {
  const query = { ...given, limit: Math.min(given.limit, maxCalls) };
  const look = await lookAround(db, query);
  const { nextDue, ready } =
    look.nextDue !== undefined && look.nextDue <= query.now ? await promoteDue(db, query, trace) : look;
  if (ready.length === 0) return { claims: [], nextAvailableAt: nextDue };
  const before = await openPool(db, query);
  if (ready.every((model) => before.roomFor(model) === 0)) {
    return {
      claims: [],
      nextAvailableAt: toNextAvailableAt({ nextDue, ready }, before),
    };
  }
  const { takings, pool } = await db.transaction((session) => takeAll(session, query, trace));
  // Read after the claim, which does not have to wait for it.
  const after = await lookAround(db, query);
  const nextAvailableAt = toNextAvailableAt(after, pool);
  return { claims: takings.map(({ claim }) => claim), nextAvailableAt };
}

interface Look {
  /** When the next waiting request becomes due. */
  readonly nextDue: number | undefined;
  /** The models that have requests ready. */
  readonly ready: readonly string[];
}

async function lookAround(db: Database, { models }: ClaimQuery): Promise<Look> {
  const row = await db.get(selectLook, [...models.keys()]);
  return { nextDue: row?.next_due ?? undefined, ready: row?.ready ?? [] };
}

async function promoteDue(db: Database, query: ClaimQuery, trace: Trace): Promise<Look> {
  await db.transaction((session) => promote(session, query.now, trace));
  return lookAround(db, query);
}

/**
 *     Index Scan using requests_waiting on requests
 *     Index Only Scan using lanes_ready on lanes
 *       Index Cond: (model = model.model)
 */
export const selectLook = toStatement<{ readonly next_due: number | null; readonly ready: readonly string[] }>(
  `SELECT (
     SELECT available_at FROM requests WHERE status = 'queued' AND NOT ready ORDER BY available_at LIMIT 1
   ) AS next_due, ARRAY (
     SELECT model.model FROM unnest($1::text[]) AS model (model)
     WHERE EXISTS (SELECT 1 FROM lanes WHERE lanes.model = model.model AND has_ready)
   ) AS ready`,
);

interface Taken {
  readonly takings: readonly Taking[];
  readonly pool: UpstreamPool;
}

/**
 * Locks the lanes first, then the tail: from then on no other transaction changes what the decision is based on. When a lane
 * turns out to have more requests than were read, it is read again. No other lanes are locked at that point, since lanes come
 * before the tail.
 */
async function takeAll(session: Session, query: ClaimQuery, trace: Trace): Promise<Taken> {
  const [, first] = await Promise.all([
    lockAdvisory(session, advisoryLocks.claim),
    session.all(selectFirstLanes, [...query.models.keys()], query.limit),
  ]);
  const organizationIds = first.map((lane) => lane.organization_id);
  const takings: Taking[] = [];
  let lines = await readLines(session, { query, organizationIds, limit: query.limit, trace });
  const [, pool] = await Promise.all([lockTail(session), openPool(session, query)]);
  for (;;) {
    const limit = query.limit - countPlaces(takings);
    const round = await takeFrom(lines, { session, query, pool, limit, trace });
    takings.push(...round.takings);
    const kept = keepTakings(session, round.takings, query);
    if (!round.isUnread) {
      const tellings = takings.map((taking) => toTelling(taking, query.now));
      await Promise.all([kept, keepStates(session, pool.changes()), recordMoments(session, tellings)]);
      return { takings, pool };
    }
    await kept;
    lines = await readLines(session, { query, organizationIds, limit: query.limit - countPlaces(takings), trace });
  }
}

interface Reading {
  readonly query: ClaimQuery;
  readonly organizationIds: readonly string[];
  readonly limit: number;
  readonly trace: Trace;
}

async function readLines(
  session: Session,
  { query: { models }, organizationIds, limit, trace }: Reading,
): Promise<WaitingLines> {
  return WaitingLines.read(session, await lockLanes(session, organizationIds), { models, limit, aside: trace.aside });
}

/** In this claim, organizations that were served go behind all others; the database assigns their lasting turns. */
const afterAllTurns = 2 ** 52;

interface Round {
  readonly session: Session;
  readonly query: ClaimQuery;
  readonly pool: UpstreamPool;
  readonly limit: number;
  readonly trace: Trace;
}

async function takeFrom(
  lines: WaitingLines,
  { session, query, pool, limit, trace }: Round,
): Promise<{ readonly takings: readonly Taking[]; readonly isUnread: boolean }> {
  const attemptsOf = await readAttempts(session, lines.triedIds());
  const takings: Taking[] = [];
  for (;;) {
    const left = limit - countPlaces(takings);
    const row = left > 0 ? lines.next(pool) : undefined;
    if (row === undefined || row === 'unread') return { takings, isUnread: row === 'unread' };
    trace.touch(row.id);
    lines.take(row, afterAllTurns + takings.length);
    const attempts = attemptsOf(row.id);
    takings.push(takeRequest(row, { attempts, query, pool, limit: left, token: createSecret() }));
  }
}

function toTelling(taking: Taking, now: number): Telling {
  return { requestId: taking.claim.request.id, at: now, moment: toClaimed(taking) };
}
