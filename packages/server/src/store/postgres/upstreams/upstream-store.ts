import type { By, Deed } from '../../../core/audit.ts';
import { every, healthy, sandboxUpstream, type UpstreamKey } from '../../../core/upstreams.ts';
import { upstreamHeld, upstreamReleased } from '../../decisions/deeds.ts';
import { allWindows, type StateChange, toHold, toRelease } from '../../decisions/upstream-states.ts';
import type { PoolQuery, UpstreamReport, UpstreamStore } from '../../upstream-store.ts';
import { notedWrite } from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { changeStates, openPool, readLoads, readStates } from './upstream-states.ts';

/*
 * The state of the upstreams, which all processes share: their health, pauses and load. Claims read it to grant calls, and ends
 * of calls update it.
 */

export function createUpstreamStore(db: Database): UpstreamStore {
  const change = (made: StateChange, by: By | undefined, deeds: readonly Deed[]) =>
    notedWrite(db, by, { write: (session) => changeStates(session, [made]), toDeeds: () => deeds });
  return {
    report: (query) => db.snapshot((session) => report(session, query)),
    hold: (key, now, by) => change(toHold(key, now), by, upstreamHeld(key)),
    release: (key, by) => change(toRelease(key), by, upstreamReleased(key)),
    remember: (names, now) => db.transaction((session) => remember(session, names, now)),
    isReal: () => db.snapshot(isReal),
  };
}

async function report(session: Session, query: PoolQuery): Promise<readonly UpstreamReport[]> {
  const pool = await openPool(session, query);
  const pairs = pool.pairs();
  const keys = pairs.map(({ upstream, model }) => ({ upstream, model, ...allWindows }));
  const stateOf = await readStates(session);
  const loadOf = await readLoads(session, keys, query.now);
  return pairs.map((pair) => ({ ...pair, state: stateOf(pair), load: loadOf(pair) }));
}

/** Every upstream that has served the store has a row, because `remember` writes it. */
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
  // Before the insert, since both write states, and one lock guards all of those writes.
  if (isFirst) await changeStates(session, [toHold(sandbox, now)]);
  await session.run(insertStates, upstreams, every, JSON.stringify(healthy));
}
