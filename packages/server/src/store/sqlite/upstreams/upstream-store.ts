import type { DatabaseSync } from 'node:sqlite';
import { every, healthy, sandboxUpstream } from '../../../core/upstreams.ts';
import { upstreamHeld, upstreamReleased } from '../../decisions/deeds.ts';
import { allWindows, toHold, toRelease } from '../../decisions/upstream-states.ts';
import type { PoolQuery, UpstreamReport, UpstreamStore } from '../../upstream-store.ts';
import { prepareNotedWrite } from '../audit/audit.ts';
import type { GroupCommit } from '../database/group-commit.ts';
import type { ReadTurn } from '../database/read-turn.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';
import { prepareChangeStates, prepareOpenPool, prepareReadLoad, prepareReadState } from './upstream-states.ts';

/*
 * The state of the upstreams, which all processes share: their health, pauses and load. Claims read it to grant calls, and ends
 * of calls update it.
 */

export function createUpstreamStore(
  db: DatabaseSync,
  { commits, reads }: { readonly commits: GroupCommit; readonly reads: ReadTurn },
): UpstreamStore {
  const report = prepareReport(reads.db);
  const changeStates = prepareChangeStates(db);
  const isReal = prepareIsReal(reads.db);
  const remember = prepareRemember(db);
  const write = prepareNotedWrite(db, commits);
  return {
    report: async (query) => reads.read(() => report(query)),
    hold: (key, now, by) =>
      write(by, { write: () => changeStates([toHold(key, now)]), toDeeds: () => upstreamHeld(key) }),
    release: (key, by) =>
      write(by, { write: () => changeStates([toRelease(key)]), toDeeds: () => upstreamReleased(key) }),
    remember: (names, now) => commits.write(() => remember(names, now)),
    isReal: async () => reads.read(isReal),
  };
}

function prepareReport(db: DatabaseSync): (query: PoolQuery) => readonly UpstreamReport[] {
  const openPool = prepareOpenPool(db);
  const readState = prepareReadState(db);
  const readLoad = prepareReadLoad(db);
  return (query) => {
    return openPool(query)
      .pairs()
      .map((pair) => ({ ...pair, state: readState(pair), load: readLoad(pair, { now: query.now, ...allWindows }) }));
  };
}

/** Every upstream that has served the store has a row, because `remember` writes it. */
function prepareIsReal(db: DatabaseSync): () => boolean {
  const select = prepareQuery<{ readonly is_real: number }>(
    db,
    'SELECT EXISTS (SELECT 1 FROM upstreams WHERE upstream NOT IN (?, ?)) AS is_real',
  );
  return () => select.get(every, sandboxUpstream)?.is_real === 1;
}

function prepareRemember(db: DatabaseSync): (upstreams: readonly string[], now: number) => void {
  const isReal = prepareIsReal(db);
  const changeStates = prepareChangeStates(db);
  const insert = prepareCommand(
    db,
    'INSERT INTO upstreams (upstream, model, state) VALUES (?, ?, ?) ON CONFLICT (upstream, model) DO NOTHING',
  );
  return (upstreams, now) => {
    if (!isReal()) changeStates([toHold({ upstream: sandboxUpstream, model: every }, now)]);
    for (const upstream of upstreams) insert.run(upstream, every, JSON.stringify(healthy));
  };
}
