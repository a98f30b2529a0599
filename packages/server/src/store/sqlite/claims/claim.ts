import type { DatabaseSync } from 'node:sqlite';
import type { Trace } from '../../damage/poisoned-rows.ts';
import { countPlaces, type Taking, toNextAvailableAt } from '../../decisions/claims.ts';
import { toFirstInLine, toFirstInTurn } from '../../decisions/fair-order.ts';
import type { ClaimQuery, ClaimResult } from '../../request-store.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';
import { prepareKeepState, prepareOpenPool } from '../upstreams/upstream-states.ts';
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
  const pickBest = preparePickBest(db);
  const take = prepareTake(db);
  const endTurn = prepareEndTurn(db);
  const keepState = prepareKeepState(db);
  const nextDue = prepareNextDue(db);

  return (query, trace) => {
    promote(query.now, trace);
    const pool = openPool(query);
    const takings: Taking[] = [];
    let lanes = readLanes(query);
    const passedOver = new Set<string>();
    for (;;) {
      const limit = query.limit - countPlaces(takings);
      const open = limit > 0 ? lanes.filter(({ model }) => pool.roomFor(model) > 0) : [];
      const first = toFirstInTurn(open);
      if (!first || passedOver.has(first.organizationId)) break;
      const best = pickBest({ organizationId: first.organizationId, lanes: open }, trace.aside);
      if (best) {
        trace.touch(best.id);
        takings.push(take(best.seq, { query, pool, limit }));
      } else {
        // Everything that it has ready is set aside: others go on.
        passedOver.add(first.organizationId);
      }
      endTurn(first.organizationId);
      lanes = readLanes(query);
    }
    for (const { key, state } of pool.changes()) keepState(key, state);
    const waiting = { ready: lanes.map(({ model }) => model), nextDue: nextDue() };
    const nextAvailableAt = toNextAvailableAt(waiting, pool);
    return { claims: takings.map(({ claim }) => claim), nextAvailableAt };
  };
}

/** The first lane of a model that has ready requests. */
interface FirstLane {
  readonly model: string;
  readonly organizationId: string;
  readonly turn: number;
}

function prepareReadLanes(db: DatabaseSync): (query: ClaimQuery) => readonly FirstLane[] {
  const select = prepareQuery<{ readonly organization_id: string; readonly turn: number }>(
    db,
    'SELECT organization_id, turn FROM lanes WHERE model = ? AND ready > 0 ORDER BY turn LIMIT 1',
  );
  return ({ models }) =>
    [...models.keys()].flatMap((model) => {
      const row = select.get(model);
      if (!row) return [];
      return [{ model, organizationId: row.organization_id, turn: row.turn }];
    });
}

/** A ready request that a claim may take. */
interface Candidate {
  readonly seq: number;
  readonly id: string;
  readonly priority: number;
}

/** The organization whose turn it is, and the lanes that it may be served from. */
interface FirstOrganization {
  readonly organizationId: string;
  readonly lanes: readonly FirstLane[];
}

/** One candidate for each model, compared here: SQLite would sort them in a temporary table. */
function preparePickBest(
  db: DatabaseSync,
): (first: FirstOrganization, aside: ReadonlySet<string>) => Candidate | undefined {
  const select = prepareQuery<Candidate>(
    db,
    `SELECT seq, id, priority FROM requests WHERE organization_id = ? AND model = ? AND ready = 1
     ORDER BY priority DESC, id LIMIT ?`,
  );
  return ({ organizationId, lanes }, aside) =>
    toFirstInLine(
      lanes.flatMap(({ model }) => {
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
