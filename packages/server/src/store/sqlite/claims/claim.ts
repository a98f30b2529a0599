import type { DatabaseSync } from 'node:sqlite';
import { hasOwnRoom, hasRoom, isHurried, type Standing, servesAll } from '../../../core/choose-model.ts';
import type { UpstreamPool } from '../../../core/upstream-pool.ts';
import type { Trace } from '../../damage/poisoned-rows.ts';
import {
  maxLookedThrough,
  maxPassed,
  type Taking,
  toNextAvailableAt,
  toPlacedStanding,
  toPlacesLeft,
  toStanding,
} from '../../decisions/claims.ts';
import { toFirstInLine, toFirstInTurn } from '../../decisions/fair-order.ts';
import type { ClaimQuery, ClaimResult } from '../../request-store.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';
import { prepareKeepState, prepareOpenPool } from '../upstreams/upstream-states.ts';
import { prepareFindHurried } from './hurried.ts';
import { preparePromote } from './promote.ts';
import { prepareTake } from './take.ts';

/*
 * Claims: everything that gives a request to a worker or takes it from one. That is the fair order, leases, the verdict that ends
 * an attempt, lost workers, deadlines, and positions in the queue.
 */

/**
 * A claim is a few index walks. For each model with room it finds the lane with the smallest turn (`lanes_ready`). Then, of the
 * organization that comes first, it finds the first ready row of each of these models (`requests_ready`) and takes the best. The
 * organization's turn then becomes the largest, so it goes behind all others. An organization that was idle has an old turn and
 * goes next, but only once. Lanes of models without room are not read, however many there are.
 *
 *     SEARCH lanes USING INDEX lanes_ready (model=?), ended by LIMIT 1
 *     SEARCH requests USING COVERING INDEX requests_ready (organization_id=? AND model=?)
 */
export function prepareClaim(db: DatabaseSync): (query: ClaimQuery, trace: Trace) => ClaimResult {
  const promote = preparePromote(db);
  const openPool = prepareOpenPool(db);
  const readLanes = prepareReadLanes(db);
  const takeInTurn = prepareTakeInTurn(db);
  const takeHurried = prepareTakeHurried(db);
  const keepState = prepareKeepState(db);
  const nextDue = prepareNextDue(db);

  return (query, trace) => {
    promote(query.now, trace);
    const pool = openPool(query);
    const takings: Taking[] = [];
    const claiming: Claiming = { query, pool, standing: toPlacedStanding(query, pool, takings), trace, takings };
    takeInTurn(claiming);
    const ready = readLanes([...query.models.keys()]).map(({ model }) => model);
    takeHurried(ready, claiming);
    for (const { key, state } of pool.changes()) keepState(key, state);
    const nextAvailableAt = toNextAvailableAt({ ready, nextDue: nextDue() }, pool, toStanding(query, pool));
    return { claims: takings.map(({ claim }) => claim), nextAvailableAt };
  };
}

/** A claim under way. */
interface Claiming {
  readonly query: ClaimQuery;
  readonly pool: UpstreamPool;
  readonly standing: Standing;
  readonly trace: Trace;
  readonly takings: Taking[];
}

function toLimit({ query, takings }: Claiming): number {
  return toPlacesLeft(query, takings)();
}

function prepareTakeInTurn(db: DatabaseSync): (claiming: Claiming) => void {
  const readLanes = prepareReadLanes(db);
  const pickBest = preparePickBest(db);
  const take = prepareTake(db);
  const endTurn = prepareEndTurn(db);
  return (claiming) => {
    const { query, pool, standing, trace, takings } = claiming;
    const aside = new Set(trace.aside);
    // Nothing else becomes ready during the claim.
    let lanes = readLanes([...query.models.keys()]);
    /** Organizations that had nothing to take: all of it is set aside, or waits for its own model. */
    const passedOver = new Set<string>();
    let passes = 0;
    /** Since something was taken. */
    let passesInARow = 0;
    for (;;) {
      const isOpen = passes < maxPassed ? hasRoom : hasOwnRoom;
      const open = lanes.filter(({ model }) => isOpen(model, standing));
      const first = toFirstInTurn(open);
      if (!first || passesInARow > passedOver.size) return;
      const best = pickBest({ organizationId: first.organizationId, lanes: open }, { aside, standing });
      if (best) trace.touch(best.id);
      const taking = best && take(best.seq, { query, pool, limit: toPlacesLeft(query, takings)(best.model) });
      if (taking) {
        takings.push(taking);
        passesInARow = 0;
      } else {
        passes += 1;
        if (best) {
          aside.add(best.id);
          continue;
        }
        passesInARow += 1;
        passedOver.add(first.organizationId);
      }
      endTurn(first.organizationId);
      lanes = readLanes(lanes.map(({ model }) => model));
    }
  };
}

/** Requests whose model has no room and whose deadline is near, where another model may make them in time. */
function prepareTakeHurried(db: DatabaseSync): (ready: readonly string[], claiming: Claiming) => void {
  const find = prepareFindHurried(db);
  const take = prepareTake(db);
  const endTurn = prepareEndTurn(db);
  return (ready, claiming) => {
    const { query, pool, standing, trace, takings } = claiming;
    if (toLimit(claiming) <= 0 || !ready.some((model) => isHurried(model, standing))) return;
    for (const row of find(query.now)) {
      const limit = toLimit(claiming);
      if (limit <= 0) return;
      if (trace.aside.has(row.id) || !query.models.has(row.model) || !isHurried(row.model, standing)) continue;
      trace.touch(row.id);
      const taking = take(row.seq, { query, pool, limit });
      if (!taking) continue;
      takings.push(taking);
      endTurn(row.organization_id);
    }
  };
}

/** The first lane of a model that has ready requests. */
interface FirstLane {
  readonly model: string;
  readonly organizationId: string;
  readonly turn: number;
}

function prepareReadLanes(db: DatabaseSync): (models: readonly string[]) => readonly FirstLane[] {
  const select = prepareQuery<{ readonly organization_id: string; readonly turn: number }>(
    db,
    'SELECT organization_id, turn FROM lanes WHERE model = ? AND ready > 0 AND is_suspended = 0 ORDER BY turn LIMIT 1',
  );
  return (models) =>
    models.flatMap((model) => {
      const row = select.get(model);
      if (!row) return [];
      return [{ model, organizationId: row.organization_id, turn: row.turn }];
    });
}

/** A ready request that a claim may take. */
interface Candidate {
  readonly seq: number;
  readonly id: string;
  /** The lane. */
  readonly model: string;
  readonly priority: number;
}

/** The organization whose turn it is, and the lanes that it may be served from. */
interface FirstOrganization {
  readonly organizationId: string;
  readonly lanes: readonly FirstLane[];
}

interface Passing {
  readonly aside: ReadonlySet<string>;
  readonly standing: Standing;
}

/**
 * One candidate for each model, compared here: SQLite would sort them in a temporary table. Of a model without room, the first one
 * that another model may make; requests that do not allow it cannot make the walk long.
 */
function preparePickBest(db: DatabaseSync): (first: FirstOrganization, passing: Passing) => Candidate | undefined {
  const ready = `FROM requests WHERE organization_id = ? AND model = ? AND ready = 1 ORDER BY priority DESC, id`;
  const selectOwn = prepareQuery<Candidate>(db, `SELECT seq, id, priority ${ready} LIMIT ?`);
  // The outer query keeps the order of the inner one, which it reads row by row.
  const selectAny = prepareQuery<Candidate>(
    db,
    `SELECT seq, id, model, priority FROM (SELECT * ${ready} LIMIT ${maxLookedThrough}) WHERE allows_stand_in = 1 LIMIT ?`,
  );
  return ({ organizationId, lanes }, { aside, standing }) =>
    toFirstInLine(
      lanes.flatMap(({ model }) => {
        const select = servesAll(model, standing) ? selectOwn : selectAny;
        // A claim that leaves nothing out has only one row to read.
        const row =
          aside.size === 0
            ? select.get(organizationId, model, 1)
            : select.all(organizationId, model, 1 + aside.size).find(({ id }) => !aside.has(id));
        return row ?? [];
      }),
    );
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
