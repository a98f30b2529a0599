import { hasRoom, isHurried, mayBeHurried, type Standing } from '../../../core/choose-model.ts';
import type { UpstreamPool } from '../../../core/upstream-pool.ts';
import { createSecret } from '../../../platform/ids.ts';
import type { Trace } from '../../damage/poisoned-rows.ts';
import {
  maxPassed,
  type Taking,
  takeRequest,
  toNextAvailableAt,
  toPlacedStanding,
  toPlacesLeft,
  toStanding,
  toTakenMoments,
} from '../../decisions/claims.ts';
import type { Telling } from '../../decisions/news.ts';
import type { ClaimQuery, ClaimResult } from '../../request-store.ts';
import { readAttempts } from '../calls/attempts.ts';
import { advisoryLocks, lockAdvisory } from '../database/advisory-locks.ts';
import type { Database } from '../database/database.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { lockTail, recordMoments } from '../events/record-moments.ts';
import { keepStates, openPool } from '../upstreams/upstream-states.ts';
import { findHurried, type HurriedRow, readHurried } from './hurried.ts';
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
  const query = {
    ...given,
    limit: Math.min(given.limit, maxCalls),
    ...(given.patientLimit !== undefined && { patientLimit: Math.min(given.patientLimit, maxCalls) }),
  };
  const look = await lookAround(db, query);
  const { nextDue, ready } =
    look.nextDue !== undefined && look.nextDue <= query.now ? await promoteDue(db, query, trace) : look;
  if (ready.length === 0) return { claims: [], nextAvailableAt: nextDue };
  const before = await openPool(db, query);
  const standing = toStanding(query, before);
  const hurriedModels = ready.filter((model) => mayBeHurried(model, standing));
  const hurried = await findHurried(db, { ...query, models: hurriedModels });
  if (hurried.length === 0 && !ready.some((model) => hasRoom(model, standing))) {
    return {
      claims: [],
      nextAvailableAt: toNextAvailableAt({ nextDue, ready }, before, standing),
    };
  }
  const { takings, pool } = await db.transaction((session) =>
    takeAll(session, { query, before: standing, hurried, trace }),
  );
  // Read after the claim, which does not have to wait for it.
  const after = await lookAround(db, query);
  const nextAvailableAt = toNextAvailableAt(after, pool, standing);
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
     WHERE EXISTS (SELECT 1 FROM lanes WHERE lanes.model = model.model AND has_ready AND NOT is_suspended)
   ) AS ready`,
);

interface Taken {
  readonly takings: readonly Taking[];
  readonly pool: UpstreamPool;
}

interface Claiming {
  readonly query: ClaimQuery;
  /** Before anything was locked. */
  readonly before: Standing;
  readonly hurried: readonly HurriedRow[];
  readonly trace: Trace;
}

/**
 * Locks the lanes first, then the tail: from then on no other transaction changes what the decision is based on. When a lane
 * turns out to have more requests than were read, it is read again. No other lanes are locked at that point, since lanes come
 * before the tail.
 */
async function takeAll(session: Session, { query, before, hurried, trace }: Claiming): Promise<Taken> {
  // Organizations whose requests all wait for their own model must not hide those behind them.
  const passable = query.fallbacks?.size ? maxPassed : 0;
  const [, first] = await Promise.all([
    lockAdvisory(session, advisoryLocks.claim),
    session.all(selectFirstLanes, [...query.models.keys()], toMostPlaces(query) + passable),
  ]);
  const organizationIds = [...first, ...hurried].map((lane) => lane.organization_id);
  const { aside } = trace;
  const limit = toMostPlaces(query);
  let lines = await readLines(session, { query, organizationIds, standing: before, limit, aside });
  const [, pool] = await Promise.all([lockTail(session), openPool(session, query)]);
  const takings: Taking[] = [];
  const standing = toPlacedStanding(query, pool, takings);
  const round: Round = { session, query, pool, standing, trace, takings, passed: new Set(aside) };
  const { passed } = round;
  for (;;) {
    const { taken, isUnread } = await takeFrom(lines, round);
    const kept = keepTakings(session, taken, query);
    if (isUnread || hurried.length > 0) await kept;
    if (!isUnread) {
      const late = await takeHurried(hurried, round);
      const tellings = takings.flatMap((taking) => toTellings(taking, query.now));
      const lateKept = keepTakings(session, late, query);
      await Promise.all([kept, lateKept, keepStates(session, pool.changes()), recordMoments(session, tellings)]);
      return { takings, pool };
    }
    lines = await readLines(session, { query, organizationIds, standing, limit, aside: passed });
  }
}

/** However a claim shares them out, no lane gets more. */
function toMostPlaces({ limit, patientLimit = limit }: ClaimQuery): number {
  return Math.max(limit, patientLimit);
}

interface Reading {
  readonly query: ClaimQuery;
  readonly organizationIds: readonly string[];
  readonly standing: Standing;
  readonly limit: number;
  readonly aside: ReadonlySet<string>;
}

async function readLines(
  session: Session,
  { query: { models }, organizationIds, ...reading }: Reading,
): Promise<WaitingLines> {
  return WaitingLines.read(session, await lockLanes(session, organizationIds), { models, ...reading });
}

/** In this claim, organizations that were served go behind all others; the database assigns their lasting turns. */
const afterAllTurns = 2 ** 52;

/** The part of a claim that runs under its locks. */
interface Round {
  readonly session: Session;
  readonly query: ClaimQuery;
  readonly pool: UpstreamPool;
  readonly standing: Standing;
  readonly trace: Trace;
  readonly takings: Taking[];
  /** Requests that are not to be taken: those set aside, and those that only their own model may make. */
  readonly passed: Set<string>;
}

function toLimit({ query, takings }: Round): number {
  return toPlacesLeft(query, takings)();
}

/** `taken`: what this reading of the lines has brought. */
async function takeFrom(
  lines: WaitingLines,
  round: Round,
): Promise<{ readonly taken: readonly Taking[]; readonly isUnread: boolean }> {
  const { session, query, pool, standing, trace, takings, passed } = round;
  const attemptsOf = await readAttempts(session, lines.triedIds());
  const before = takings.length;
  for (;;) {
    const isOwn = passed.size - trace.aside.size >= maxPassed;
    const row = lines.next(standing, { isOwn });
    if (row === undefined || row === 'unread') return { taken: takings.slice(before), isUnread: row === 'unread' };
    const limit = toPlacesLeft(query, takings)(row.model);
    trace.touch(row.id);
    const attempts = attemptsOf(row.id);
    const taking = takeRequest(row, { attempts, query, pool, limit, token: createSecret() });
    if (taking) {
      lines.take(row, afterAllTurns + takings.length);
      takings.push(taking);
    } else {
      lines.passOver(row);
      passed.add(row.id);
    }
  }
}

/** Requests whose model has no room and whose deadline is near, where another model may make them in time. */
async function takeHurried(hurried: readonly HurriedRow[], round: Round): Promise<readonly Taking[]> {
  const { session, query, pool, standing, trace, takings, passed } = round;
  const taken = new Set(takings.map(({ claim }) => claim.request.id));
  const left = hurried.filter(({ id }) => !passed.has(id) && !taken.has(id));
  if (left.length === 0) return [];
  const rows = await readHurried(session, left);
  const attemptsOf = await readAttempts(
    session,
    rows.map(({ id }) => id),
  );
  const before = takings.length;
  for (const row of rows) {
    const limit = toLimit(round);
    if (limit <= 0) break;
    if (!isHurried(row.model, standing)) continue;
    trace.touch(row.id);
    const taking = takeRequest(row, { attempts: attemptsOf(row.id), query, pool, limit, token: createSecret() });
    if (taking) takings.push(taking);
  }
  return takings.slice(before);
}

function toTellings(taking: Taking, now: number): readonly Telling[] {
  return toTakenMoments(taking).map((moment) => ({ requestId: taking.claim.request.id, at: now, moment }));
}
