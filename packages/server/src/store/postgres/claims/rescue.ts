import type { ImageRequest, Lease } from '../../../core/image-request.ts';
import { toMoment } from '../../../core/request-events.ts';
import type { Trace } from '../../damage/poisoned-rows.ts';
import { type LeaseLook, type LeaseRow, toLease, toLeaseLook } from '../../decisions/leases.ts';
import { applyTransition, toSettled } from '../../decisions/transitions.ts';
import type { LeaseWatch, RescueQuery } from '../../request-store.ts';
import { toExpiredClaim, toImageRequest } from '../../rows/request-rows.ts';
import { readAttempts } from '../calls/attempts.ts';
import { endLeftovers } from '../calls/leftovers.ts';
import { advisoryLocks, lockAdvisory } from '../database/advisory-locks.ts';
import type { Database } from '../database/database.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { recordMoments } from '../events/record-moments.ts';
import { changeRequests } from '../requests/change-requests.ts';
import { lockLeases, lockRequestsAndWork } from '../requests/lock-requests.ts';
import { changeStates } from '../upstreams/upstream-states.ts';

/**
 *     Index Scan using requests_leased on requests
 *       Index Cond: (lease_expires_at <= $1)
 */
export const selectLost = toStatement<LeaseRow & { readonly id: string }>(
  `SELECT id, lease_token, lease_expires_at FROM requests WHERE status = 'processing' AND lease_expires_at <= $1 ORDER BY lease_expires_at LIMIT $2`,
);

/**
 * Lines whose request has moved on and whose worker no longer prolongs them. Lines of requests that are still held have the same
 * lease as these, and end with their requests. There are only as many as a dead worker had calls under way.
 *
 *     Index Scan using attempts_leased on attempts
 *       Index Cond: (lease_expires_at <= $1)
 *       SubPlan: Index Scan using requests_pkey on requests
 */
export const selectOrphans = toStatement<LeaseRow & { readonly request_id: string; readonly number: number }>(
  `SELECT DISTINCT request_id, number, lease_token, lease_expires_at FROM attempts WHERE result IS NULL AND lease_expires_at <= $1
     AND lease_token IS DISTINCT FROM (SELECT requests.lease_token FROM requests WHERE id = request_id)`,
);

/** Checks first without a transaction, since a rescue usually finds nothing. Only one process rescues at a time. */
export async function rescue(
  db: Database,
  query: RescueQuery & { readonly watch?: LeaseWatch },
  trace: Trace,
): Promise<readonly ImageRequest[]> {
  const search = new Search(query, trace);
  const [lost, orphans] = await Promise.all([search.findLost(db), search.findOrphans(db)]);
  if (lost.length + orphans.length === 0) return [];
  return db.transaction(async (session) => {
    await lockAdvisory(session, advisoryLocks.rescue);
    const rescued = await rescueLost(session, query, { search, trace });
    await endOrphans(session, query.now, { search, trace });
    return rescued;
  });
}

/** Finds requests whose holders are gone, except those that are left out. It can search again. */
class Search {
  readonly #look: LeaseLook;
  readonly #limit: number;
  readonly #trace: Trace;

  constructor(query: RescueQuery & { readonly watch?: LeaseWatch }, trace: Trace) {
    this.#look = toLeaseLook(query);
    this.#limit = query.limit;
    this.#trace = trace;
  }

  async findLost(session: Session): Promise<readonly string[]> {
    const rows = await session.all(selectLost, this.#look.until, this.#limit + this.#trace.aside.size);
    const lost = rows.filter(this.#look.isLost).map(({ id }) => id);
    return this.#trace.choose(lost, { idOf: (id) => id, limit: this.#limit });
  }

  async findOrphans(session: Session) {
    const orphans = (await session.all(selectOrphans, this.#look.until)).filter(this.#look.isLost);
    const limit = this.#trace.isAlone ? 1 : Number.POSITIVE_INFINITY;
    return this.#trace.choose(orphans, { idOf: ({ request_id: id }) => id, limit });
  }
}

interface Rescuing {
  readonly search: Search;
  readonly trace: Trace;
}

async function rescueLost(
  session: Session,
  { now, decide }: RescueQuery,
  { search, trace }: Rescuing,
): Promise<readonly ImageRequest[]> {
  const candidates = await search.findLost(session);
  if (candidates.length === 0) return [];
  for (const id of candidates) trace.touch(id);
  const rows = await lockRequestsAndWork(session, candidates);
  // A holder that has settled or renewed in the meantime keeps its lease.
  const lost = new Set(await search.findLost(session));
  const held = rows.flatMap((row) => {
    const lease = lost.has(row.id) ? toLease(row) : undefined;
    return lease ? [{ row, lease }] : [];
  });
  const leftovers = await endLeftovers(
    session,
    held.map(({ lease }) => ({ lease, result: 'lost', now })),
  );
  const attemptsOf = await readAttempts(
    session,
    held.map(({ row }) => row.id),
  );
  const ends = held.map(({ row }) => {
    const verdict = decide(toExpiredClaim(row, attemptsOf(row.id)));
    return { row, verdict, transition: toSettled(verdict, now) };
  });
  await changeRequests(
    session,
    ends.map(({ row, transition }) => ({ id: row.id, costMicros: 0, transition })),
  );
  await changeStates(session, leftovers.changes);
  const tellings = ends.flatMap(({ row: { id: requestId }, verdict }) => [
    ...leftovers.tellingsOf(requestId),
    { requestId, at: now, moment: toMoment(verdict) },
  ]);
  await recordMoments(session, tellings);
  return ends.map(({ row, transition }) => toImageRequest(applyTransition(row, transition)));
}

async function endOrphans(session: Session, now: number, { search, trace }: Rescuing): Promise<void> {
  const candidates = await search.findOrphans(session);
  if (candidates.length === 0) return;
  for (const { request_id: id } of candidates) trace.touch(id);
  const tokens = await lockLeases(
    session,
    candidates.map(({ request_id }) => request_id),
  );
  const orphans = await search.findOrphans(session);
  const leases = orphans.flatMap(({ request_id: requestId, number: attempt, lease_token: token }): readonly Lease[] =>
    tokens.has(requestId) ? [{ requestId, attempt, token }] : [],
  );
  // One attempt of each request at a time, as `endLeftovers` requires; the next rescue takes the others.
  const unique = [...new Map(leases.map((lease) => [lease.requestId, lease])).values()];
  const leftovers = await endLeftovers(
    session,
    unique.map((lease) => ({ lease, result: 'lost', now })),
  );
  await changeStates(session, leftovers.changes);
  await recordMoments(
    session,
    unique.flatMap(({ requestId }) => leftovers.tellingsOf(requestId)),
  );
}
