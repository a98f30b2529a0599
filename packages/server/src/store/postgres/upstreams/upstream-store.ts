import { every, healthy, sandboxUpstream, type UpstreamKey, type UpstreamState } from '../../../core/upstreams.ts';
import type { PoolQuery, UpstreamReport, UpstreamStore } from '../../upstream-store.ts';
import type { Database } from '../database/database.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { changeStates, openPool, readLoads, readStates } from './upstream-states.ts';

export function createUpstreamStore(db: Database): UpstreamStore {
  const change = (key: UpstreamKey, toState: (state: UpstreamState) => UpstreamState) =>
    db.transaction((session) => changeStates(session, [{ keys: [key], change: (_key, state) => toState(state) }]));
  return {
    report: (query) => db.snapshot((session) => report(session, query)),
    hold: (key, now) => change(key, (state) => toHeld(state, now)),
    release: (key) => change(key, toReleased),
    remember: (names, now) => db.transaction((session) => remember(session, names, now)),
    isReal: () => db.snapshot(isReal),
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

/** Every upstream that has served the store has a row: `remember` sees to that. */
const selectIsReal = toStatement<{ readonly is_real: boolean }>(
  'SELECT EXISTS (SELECT 1 FROM upstreams WHERE upstream NOT IN ($1, $2)) AS is_real',
);

async function isReal(session: Session): Promise<boolean> {
  return (await session.get(selectIsReal, every, sandboxUpstream))?.is_real === true;
}

const insertStates = toStatement(
  `INSERT INTO upstreams (upstream, model, state) SELECT upstream, $2, $3 FROM unnest($1::text[]) AS upstream
   ON CONFLICT (upstream, model) DO NOTHING`,
);

async function remember(session: Session, upstreams: readonly string[], now: number): Promise<void> {
  const isFirst = !(await isReal(session));
  const sandbox: UpstreamKey = { upstream: sandboxUpstream, model: every };
  // Before the insert, since both write states: that is done behind one lock.
  if (isFirst) await changeStates(session, [{ keys: [sandbox], change: (_key, state) => toHeld(state, now) }]);
  await session.run(insertStates, upstreams, every, JSON.stringify(healthy));
}

/** Who holds again what is held changes nothing. */
function toHeld(state: UpstreamState, now: number): UpstreamState {
  return state.heldAt === undefined ? { ...state, heldAt: now } : state;
}

/** The upstream counts its day whatever an operator does. */
function toReleased({ day, dayCalls }: UpstreamState): UpstreamState {
  return { ...(day !== undefined && { day }), ...(dayCalls !== undefined && { dayCalls }) };
}
