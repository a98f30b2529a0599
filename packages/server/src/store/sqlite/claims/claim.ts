import type { DatabaseSync } from 'node:sqlite';
import type { UpstreamPool } from '../../../core/upstream-pool.ts';
import type { Trace } from '../../damage/poisoned-rows.ts';
import type { Claim, ClaimQuery, ClaimResult } from '../../request-store.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';
import { prepareKeepState, prepareOpenPool } from '../upstreams/upstream-states.ts';
import { type Candidate, prepareTake } from './take.ts';

/**
 * So many waiting requests become ready in one claim at most, the longest due first; the next claim goes on. Each is
 * promoted once a wait, so a claim costs the same however many wait, and a crowd that became due while no worker ran
 * does not hold the event loop (500 take about 10 ms).
 */
const maxPromotions = 500;

/**
 * A claim is a few index walks: for each model with room the lane with the smallest turn (`lanes_ready`); of the
 * organization that comes first then the first ready row of each of these models (`requests_ready`), of which the best is
 * taken. The organization's turn then becomes the largest, hence it goes behind all others: who was idle has an old turn
 * and goes next, but only once. Lanes of models without room are not looked at, however many they are.
 *
 *     SEARCH lanes USING INDEX lanes_ready (model=?), ended by LIMIT 1
 *     SEARCH requests USING COVERING INDEX requests_ready (organization_id=? AND model=?)
 */
export function prepareClaim(db: DatabaseSync): (query: ClaimQuery, trace: Trace) => ClaimResult {
  const promote = preparePromote(db);
  const openPool = prepareOpenPool(db);
  const readLanes = prepareReadLanes(db);
  const pickBest = preparePickBest(db);
  const take = prepareTake(db);
  const endTurn = prepareEndTurn(db);
  const keepState = prepareKeepState(db);
  const nextDue = prepareNextDue(db);

  return (query, trace) => {
    promote(query.now, trace);
    const pool = openPool({ ...query, models: [...new Set(query.models.values())] });
    const claims: Claim[] = [];
    let calls = 0;
    let lanes = readLanes(query, pool);
    const passedOver = new Set<string>();
    while (calls < query.limit) {
      const first = toFirst(lanes.filter(({ calls }) => calls > 0));
      if (!first || passedOver.has(first.organizationId)) break;
      const best = pickBest(first, trace.aside);
      if (!best) {
        // All that it has ready is set aside: others go on.
        passedOver.add(first.organizationId);
        endTurn(first.organizationId);
        lanes = readLanes(query, pool);
        continue;
      }
      trace.touch(best.id);
      const claim = take(best, { query, pool, limit: query.limit - calls });
      claims.push(claim);
      // One that lacks no call uses up a place as well, or a crowd of them would hold the event loop.
      calls += Math.max(1, claim.imageIndexes.length);
      endTurn(best.organizationId);
      lanes = readLanes(query, pool);
    }
    for (const { key, state } of pool.changes()) keepState(key, state);
    const opens = lanes.flatMap((lane) => (lane.calls > 0 ? [] : (pool.opensAt(lane.upstreamModel) ?? [])));
    const next = Math.min(...opens, nextDue() ?? Number.POSITIVE_INFINITY);
    return { claims, nextAvailableAt: Number.isFinite(next) ? next : undefined };
  };
}

function preparePromote(db: DatabaseSync): (now: number, trace: Trace) => void {
  const due = `FROM requests WHERE status = 'queued' AND ready = 0 AND available_at <= ?
       ORDER BY available_at LIMIT ${maxPromotions}`;
  const promote = prepareCommand(db, `UPDATE requests SET ready = 1 WHERE seq IN (SELECT seq ${due})`);
  const selectDue = prepareQuery<{ readonly id: string }>(db, `SELECT id ${due}`);
  const promoteOne = prepareCommand(db, 'UPDATE requests SET ready = 1 WHERE id = ?');
  return (now, trace) => {
    if (!trace.isAlone && trace.aside.size === 0) {
      promote.run(now);
      return;
    }
    const limit = trace.isAlone ? 1 : maxPromotions;
    for (const { id } of trace.choose(selectDue.all(now), { idOf: (row) => row.id, limit })) {
      trace.touch(id);
      promoteOne.run(id);
    }
  };
}

/** The first lane of a model that has ready requests. */
interface FirstLane {
  readonly model: string;
  readonly upstreamModel: string;
  readonly organizationId: string;
  readonly turn: number;
  /** How many calls there is room for; none: the lane waits. */
  readonly calls: number;
}

function prepareReadLanes(db: DatabaseSync): (query: ClaimQuery, pool: UpstreamPool) => readonly FirstLane[] {
  const select = prepareQuery<{ readonly organization_id: string; readonly turn: number }>(
    db,
    'SELECT organization_id, turn FROM lanes WHERE model = ? AND ready > 0 ORDER BY turn LIMIT 1',
  );
  return ({ models }, pool) =>
    [...models].flatMap(([model, upstreamModel]) => {
      const row = select.get(model);
      if (!row) return [];
      const { organization_id: organizationId, turn } = row;
      return [{ model, upstreamModel, organizationId, turn, calls: pool.roomFor(upstreamModel) }];
    });
}

/** The organization whose turn it is, and the lanes that it may be served from. */
interface FirstOrganization {
  readonly organizationId: string;
  readonly lanes: readonly FirstLane[];
}

function toFirst(lanes: readonly FirstLane[]): FirstOrganization | undefined {
  const [some, ...others] = lanes;
  if (!some) return undefined;
  const { organizationId } = others.reduce((first, lane) => (lane.turn < first.turn ? lane : first), some);
  return { organizationId, lanes };
}

/** One candidate a model, compared here: SQLite would sort them in a temporary table. */
function preparePickBest(
  db: DatabaseSync,
): (first: FirstOrganization, aside: ReadonlySet<string>) => Candidate | undefined {
  const select = prepareQuery<{ readonly seq: number; readonly id: string; readonly priority: number }>(
    db,
    `SELECT seq, id, priority FROM requests WHERE organization_id = ? AND model = ? AND ready = 1
     ORDER BY priority DESC, id LIMIT ?`,
  );
  return ({ organizationId, lanes }, aside) => {
    const candidates = lanes.flatMap(({ model, upstreamModel }) => {
      // A claim that leaves nothing out has but one row to read.
      const row =
        aside.size === 0
          ? select.get(organizationId, model, 1)
          : select.all(organizationId, model, 1 + aside.size).find(({ id }) => !aside.has(id));
      return row ? [{ ...row, organizationId, upstreamModel }] : [];
    });
    return candidates.reduce<Candidate | undefined>(
      (best, one) => (best && isBefore(best, one) ? best : one),
      undefined,
    );
  };
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

function prepareNextDue(db: DatabaseSync): () => number | undefined {
  const select = prepareQuery<{ readonly available_at: number | null }>(
    db,
    `SELECT min(available_at) AS available_at FROM requests WHERE status = 'queued' AND ready = 0`,
  );
  return () => select.get()?.available_at ?? undefined;
}
