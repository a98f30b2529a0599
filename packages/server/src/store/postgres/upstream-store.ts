import type { UpstreamKey, UpstreamState } from '../../core/upstreams.ts';
import type { PoolQuery, UpstreamReport, UpstreamStore } from '../upstream-store.ts';
import type { Database } from './database.ts';
import type { Session } from './session.ts';
import { changeStates, openPool, readLoads, readStates } from './upstream-states.ts';

export function createUpstreamStore(db: Database): UpstreamStore {
  const change = (key: UpstreamKey, toState: (state: UpstreamState) => UpstreamState) =>
    db.transaction((session) => changeStates(session, [{ keys: [key], change: (_key, state) => toState(state) }]));
  return {
    report: (query) => db.snapshot((session) => report(session, query)),
    hold: (key, now) => change(key, (state) => toHeld(state, now)),
    release: (key) => change(key, toReleased),
  };
}

async function report(session: Session, query: PoolQuery): Promise<readonly UpstreamReport[]> {
  const pool = await openPool(session, query);
  const pairs = query.models.flatMap((model) => pool.rooms(model).map((one) => ({ ...one, model })));
  const keys = pairs.map(({ upstream, model }) => ({ upstream, model, minute: true, spend: true }));
  const stateOf = await readStates(session);
  const loadOf = await readLoads(session, keys, query.now);
  return pairs.map(({ upstream, model, room }) => {
    const key: UpstreamKey = { upstream, model };
    return { ...key, room, state: stateOf(key), load: loadOf(key) };
  });
}

/** Who holds again what is held changes nothing. */
function toHeld(state: UpstreamState, now: number): UpstreamState {
  return state.heldAt === undefined ? { ...state, heldAt: now } : state;
}

/** The upstream counts its day whatever an operator does. */
function toReleased({ day, dayCalls }: UpstreamState): UpstreamState {
  return { ...(day !== undefined && { day }), ...(dayCalls !== undefined && { dayCalls }) };
}
