import type { DatabaseSync } from 'node:sqlite';
import type { UpstreamKey, UpstreamState } from '../../core/upstreams.ts';
import type { PoolQuery, UpstreamReport, UpstreamStore } from '../upstream-store.ts';
import type { GroupCommit } from './group-commit.ts';
import type { ReadTurn } from './read-turn.ts';
import { prepareChangeStates, prepareOpenPool, prepareReadLoad, prepareReadState } from './upstream-states.ts';

export function createUpstreamStore(
  db: DatabaseSync,
  { commits, reads }: { readonly commits: GroupCommit; readonly reads: ReadTurn },
): UpstreamStore {
  const report = prepareReport(db);
  const changeStates = prepareChangeStates(db);
  return {
    report: async (query) => reads.read(() => report(query)),
    hold: (key, now) => commits.write(() => changeStates([key], (_key, state) => toHeld(state, now))),
    release: (key) => commits.write(() => changeStates([key], (_key, state) => toReleased(state))),
  };
}

function prepareReport(db: DatabaseSync): (query: PoolQuery) => readonly UpstreamReport[] {
  const openPool = prepareOpenPool(db);
  const readState = prepareReadState(db);
  const readLoad = prepareReadLoad(db);
  return (query) => {
    const pool = openPool(query);
    return query.models.flatMap((model) =>
      pool.rooms(model).map(({ upstream, room }) => {
        const key: UpstreamKey = { upstream, model };
        const load = readLoad(key, { now: query.now, minute: true, spend: true });
        return { ...key, room, state: readState(key), load };
      }),
    );
  };
}

/** Who holds again what is held changes nothing. */
function toHeld(state: UpstreamState, now: number): UpstreamState {
  return state.heldAt === undefined ? { ...state, heldAt: now } : state;
}

/** The upstream counts its day whatever an operator does. */
function toReleased({ day, dayCalls }: UpstreamState): UpstreamState {
  return { ...(day !== undefined && { day }), ...(dayCalls !== undefined && { dayCalls }) };
}
