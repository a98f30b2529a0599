import type { ImageRequest, Lease } from '../../../core/image-request.ts';
import { toMoment } from '../../../core/request-events.ts';
import type { Trace } from '../../damage/poisoned-rows.ts';
import type { LeaseWatch, RescueQuery } from '../../request-store.ts';
import { readOrder, toImageRequest } from '../../rows/request-rows.ts';
import { readAttempts } from '../calls/attempts.ts';
import { endLeftovers } from '../calls/leftovers.ts';
import { advisoryLocks, lockAdvisory } from '../database/advisory-locks.ts';
import type { Database } from '../database/database.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { recordMoments } from '../events/record-moments.ts';
import { changeRequests } from '../requests/change-requests.ts';
import { lockLeases, lockRequestsAndWork, lockRows } from '../requests/lock-requests.ts';
import { changeStates } from '../upstreams/upstream-states.ts';
import { toNextStatus } from './verdicts.ts';

/**
 *     Index Scan using requests_leased on requests
 *       Index Cond: (lease_expires_at <= $1)
 */
export const selectLost = toStatement<LeaseRow & { readonly id: string }>(
  `SELECT id, lease_token, lease_expires_at FROM requests WHERE status = 'processing' AND lease_expires_at <= $1 ORDER BY lease_expires_at LIMIT $2`,
);

/**
 * Lines whose request has moved on and whose worker no longer prolongs them. Those of requests that are still held have the
 * same lease as these, and end with their requests. They are as few as the calls that a dead worker had under way.
 *
 *     Index Scan using attempts_leased on attempts
 *       Index Cond: (lease_expires_at <= $1)
 *       SubPlan: Index Scan using requests_pkey on requests
 */
export const selectOrphans = toStatement<LeaseRow & { readonly request_id: string; readonly number: number }>(
  `SELECT DISTINCT request_id, number, lease_token, lease_expires_at FROM attempts WHERE result IS NULL AND lease_expires_at <= $1
     AND lease_token IS DISTINCT FROM (SELECT requests.lease_token FROM requests WHERE id = request_id)`,
);

interface LeaseRow {
  readonly lease_token: string;
  readonly lease_expires_at: number;
}

/** Asks first without a transaction, since a rescue mostly finds nothing. One process rescues at a time. */
export async function rescue(
  db: Database,
  { watch, ...query }: RescueQuery & { readonly watch?: LeaseWatch },
  trace: Trace,
): Promise<readonly ImageRequest[]> {
  const look = new Look(query, trace, watch);
  const [lost, orphans] = await Promise.all([look.findLost(db), look.findOrphans(db)]);
  if (lost.length + orphans.length === 0) return [];
  return db.transaction(async (session) => {
    await lockAdvisory(session, advisoryLocks.rescue);
    const rescued = await rescueLost(session, query, { look, trace });
    await endOrphans(session, query.now, { look, trace });
    return rescued;
  });
}

/** Finds those whose holders are gone and that are not left out, as often as it is asked. */
class Look {
  readonly #until: number;
  readonly #limit: number;
  readonly #trace: Trace;
  readonly #isLost: (row: LeaseRow) => boolean;

  constructor({ now, limit }: RescueQuery, trace: Trace, watch: LeaseWatch = { aheadMs: 0, isLost: () => true }) {
    this.#until = now + watch.aheadMs;
    this.#limit = limit;
    this.#trace = trace;
    this.#isLost = (row) => watch.isLost({ token: row.lease_token, expiresAt: row.lease_expires_at });
  }

  async findLost(session: Session): Promise<readonly string[]> {
    const rows = await session.all(selectLost, this.#until, this.#limit + this.#trace.aside.size);
    const lost = rows.filter(this.#isLost).map(({ id }) => id);
    return this.#trace.choose(lost, { idOf: (id) => id, limit: this.#limit });
  }

  async findOrphans(session: Session) {
    const orphans = (await session.all(selectOrphans, this.#until)).filter(this.#isLost);
    const limit = this.#trace.isAlone ? 1 : Number.POSITIVE_INFINITY;
    return this.#trace.choose(orphans, { idOf: ({ request_id: id }) => id, limit });
  }
}

interface Rescuing {
  readonly look: Look;
  readonly trace: Trace;
}

async function rescueLost(
  session: Session,
  { now, decide }: RescueQuery,
  { look, trace }: Rescuing,
): Promise<readonly ImageRequest[]> {
  const candidates = await look.findLost(session);
  if (candidates.length === 0) return [];
  for (const id of candidates) trace.touch(id);
  const rows = await lockRequestsAndWork(session, candidates);
  // Who has settled or renewed meanwhile keeps its lease.
  const lost = new Set(await look.findLost(session));
  const requests = rows.flatMap((row) => {
    const token = row.lease_token;
    return token !== null && lost.has(row.id)
      ? [{ row, lease: { requestId: row.id, attempt: row.attempt, token } }]
      : [];
  });
  const leftovers = await endLeftovers(
    session,
    requests.map(({ lease }) => ({ lease, result: 'lost', now })),
  );
  const ids = requests.map(({ row }) => row.id);
  const attemptsOf = await readAttempts(session, ids);
  const verdicts = requests.map(({ row }) =>
    decide({ request: toImageRequest(row), order: readOrder(row), attempts: attemptsOf(row.id) }),
  );
  await changeRequests(
    session,
    verdicts.map((verdict, index) => ({ id: ids[index] ?? '', costMicros: 0, next: toNextStatus(verdict, now) })),
  );
  await changeStates(session, leftovers.changes);
  const tellings = verdicts.flatMap((verdict, index) => {
    const requestId = ids[index] ?? '';
    return [...leftovers.tellingsOf(requestId), { requestId, at: now, moment: toMoment(verdict) }];
  });
  await recordMoments(session, tellings);
  return (await session.all(lockRows, ids)).map(toImageRequest);
}

async function endOrphans(session: Session, now: number, { look, trace }: Rescuing): Promise<void> {
  const candidates = await look.findOrphans(session);
  if (candidates.length === 0) return;
  for (const { request_id: id } of candidates) trace.touch(id);
  const tokens = await lockLeases(
    session,
    candidates.map(({ request_id }) => request_id),
  );
  const orphans = await look.findOrphans(session);
  const leases = orphans.flatMap(({ request_id: requestId, number: attempt, lease_token: token }): readonly Lease[] =>
    tokens.has(requestId) ? [{ requestId, attempt, token }] : [],
  );
  // One attempt of each request at a time, as `endLeftovers` asks for; a next rescue takes the others.
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
