import type { DatabaseSync } from 'node:sqlite';
import { createSecret } from '../../platform/ids.ts';
import type { Claim, ClaimQuery, ClaimResult } from '../request-store.ts';
import { prepareReadAttempts } from './attempts.ts';
import { prepareCommand, prepareQuery } from './query.ts';
import { requestColumns, toImageRequest, toOrder, type WorkRow, workColumn } from './rows.ts';

/**
 * So many waiting requests become ready in one claim at most, the longest due first; the next claim goes on. Each is
 * promoted once a wait, so a claim costs the same however many wait, and a crowd that became due while no worker ran
 * does not hold the event loop (500 take about 10 ms).
 */
const maxPromotions = 500;

/**
 * A claim is a few index walks: the lane with the smallest turn (`lanes_by_turn`), then the first row of each ready lane
 * of its organization (`requests_ready`, one for each model), of which the best is taken. The organization's turn then
 * becomes the largest, hence it goes behind all others: who was idle has an old turn and goes next, but only once.
 *
 *     SCAN lanes USING INDEX lanes_by_turn, ended by LIMIT 1
 *     SEARCH requests USING COVERING INDEX requests_ready (organization_id=? AND model=?)
 */
export function prepareClaim(db: DatabaseSync): (query: ClaimQuery) => ClaimResult {
  const promote = preparePromote(db);
  const pickOrganization = preparePickOrganization(db);
  const pickBest = preparePickBest(db);
  const endTurn = prepareEndTurn(db);
  const take = prepareTake(db);
  const nextWaiting = prepareQuery<{ readonly available_at: number | null }>(
    db,
    `SELECT min(available_at) AS available_at FROM requests WHERE status = 'queued' AND ready = 0`,
  );

  return (query) => {
    promote(query.now);
    const claims: Claim[] = [];
    while (claims.length < query.limit) {
      const organizationId = pickOrganization();
      const best = organizationId === undefined ? undefined : pickBest(organizationId);
      if (organizationId === undefined || best === undefined) break;
      claims.push(take(best, query));
      endTurn(organizationId);
    }
    return { claims, nextAvailableAt: nextWaiting.get()?.available_at ?? undefined };
  };
}

function preparePromote(db: DatabaseSync): (now: number) => void {
  const promote = prepareCommand(
    db,
    `UPDATE requests SET ready = 1 WHERE seq IN (
       SELECT seq FROM requests WHERE status = 'queued' AND ready = 0 AND available_at <= ?
       ORDER BY available_at LIMIT ${maxPromotions}
     )`,
  );
  return (now) => {
    promote.run(now);
  };
}

function preparePickOrganization(db: DatabaseSync): () => string | undefined {
  const select = prepareQuery<{ readonly organization_id: string }>(
    db,
    'SELECT organization_id FROM lanes WHERE ready > 0 ORDER BY turn LIMIT 1',
  );
  return () => select.get()?.organization_id;
}

interface Candidate {
  readonly seq: number;
  readonly id: string;
  readonly priority: number;
}

/** One candidate a model, compared here: SQLite would sort them in a temporary table. */
function preparePickBest(db: DatabaseSync): (organizationId: string) => Candidate | undefined {
  const select = prepareQuery<Candidate>(
    db,
    `SELECT seq, id, priority FROM requests WHERE seq IN (
       SELECT (
         SELECT seq FROM requests WHERE organization_id = lanes.organization_id AND model = lanes.model AND ready = 1
         ORDER BY priority DESC, id LIMIT 1
       ) FROM lanes WHERE organization_id = ? AND ready > 0
     )`,
  );
  return (organizationId) =>
    select
      .all(organizationId)
      .reduce<Candidate | undefined>((best, one) => (best && isBefore(best, one) ? best : one), undefined);
}

function isBefore(a: Candidate, b: Candidate): boolean {
  return a.priority === b.priority ? a.id < b.id : a.priority > b.priority;
}

function prepareEndTurn(db: DatabaseSync): (organizationId: string) => void {
  const nextTurn = prepareQuery<{ readonly turn: number }>(db, 'UPDATE last_turn SET turn = turn + 1 RETURNING turn');
  const setTurn = prepareCommand(db, 'UPDATE lanes SET turn = ? WHERE organization_id = ?');
  return (organizationId) => {
    setTurn.run(nextTurn.get()?.turn ?? null, organizationId);
  };
}

function prepareTake(db: DatabaseSync): (candidate: Candidate, query: ClaimQuery) => Claim {
  const readAttempts = prepareReadAttempts(db);
  const update = prepareQuery<WorkRow>(
    db,
    `UPDATE requests SET status = 'processing', ready = 0, attempt = attempt + 1, lease_token = ?, lease_expires_at = ?,
       worker = ?, updated_at = ?
     WHERE seq = ? AND status = 'queued' RETURNING ${requestColumns}, ${workColumn}`,
  );
  return ({ seq, id }, { now, leaseMs, worker }) => {
    const token = createSecret();
    const row = update.get(token, now + leaseMs, worker, now, seq);
    if (!row) throw new Error(`The request ${id} is ready and cannot be claimed.`);
    const request = toImageRequest(row);
    const lease = { requestId: id, attempt: request.attempt, token };
    return { request, order: toOrder(row), lease, attempts: request.attempt === 1 ? [] : readAttempts(id) };
  };
}
