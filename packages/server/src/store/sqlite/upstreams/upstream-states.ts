import type { DatabaseSync } from 'node:sqlite';
import { UpstreamPool } from '../../../core/upstream-pool.ts';
import { healthy, type UpstreamKey, type UpstreamLoad, type UpstreamState } from '../../../core/upstreams.ts';
import {
  type LoadWindows,
  type StateChange,
  toChangedStates,
  toLoadWindows,
  toWindowStarts,
} from '../../decisions/upstream-states.ts';
import type { PoolQuery } from '../../upstream-store.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';

export function prepareReadState(db: DatabaseSync): (key: UpstreamKey) => UpstreamState {
  const select = prepareQuery<{ readonly state: string }>(
    db,
    'SELECT state FROM upstreams WHERE upstream = ? AND model = ?',
  );
  return ({ upstream, model }) => {
    const row = select.get(upstream, model);
    return row ? JSON.parse(row.state) : healthy;
  };
}

export function prepareKeepState(db: DatabaseSync): (key: UpstreamKey, state: UpstreamState) => void {
  const upsert = prepareCommand(
    db,
    `INSERT INTO upstreams (upstream, model, state) VALUES (?, ?, ?)
     ON CONFLICT (upstream, model) DO UPDATE SET state = excluded.state`,
  );
  return ({ upstream, model }, state) => {
    upsert.run(upstream, model, JSON.stringify(state));
  };
}

export function prepareChangeStates(db: DatabaseSync): (changes: readonly StateChange[]) => void {
  const read = prepareReadState(db);
  const keep = prepareKeepState(db);
  return (changes) => {
    for (const { key, state } of toChangedStates(changes, read)) keep(key, state);
  };
}

/** The pool at one moment of a transaction. Windows are read only where a limit needs them. */
export function prepareOpenPool(db: DatabaseSync): (query: PoolQuery) => UpstreamPool {
  const stateOf = prepareReadState(db);
  const readLoad = prepareReadLoad(db);
  return ({ upstreams, models, now }) =>
    new UpstreamPool({
      upstreams,
      models,
      now,
      stateOf,
      loadOf: (key, { limits }) => readLoad(key, { now, ...toLoadWindows(limits) }),
    });
}

interface LoadQuery extends LoadWindows {
  readonly now: number;
}

/**
 * Walks only the calls under way and the window, however long the log is.
 *
 *     SEARCH attempts USING COVERING INDEX attempts_under_way (upstream=? AND model=?)
 *     SEARCH attempts USING COVERING INDEX attempts_by_sent (upstream=? AND model=? AND sent_at>?)
 */
export function prepareReadLoad(db: DatabaseSync): (key: UpstreamKey, query: LoadQuery) => UpstreamLoad {
  const countUnderWay = prepareCountUnderWay(db);
  const selectMinute = prepareQuery<{ readonly calls: number; readonly first_at: number | null }>(
    db,
    'SELECT count(*) AS calls, min(sent_at) AS first_at FROM attempts WHERE upstream = ? AND model = ? AND sent_at > ?',
  );
  const countImages = prepareCountImages(db);
  const readSpend = prepareReadSpend(db);
  return (key, { now, minute, images, spend }) => {
    const { underWay, unsent } = countUnderWay(key);
    const starts = toWindowStarts(now);
    const sent = minute ? selectMinute.get(key.upstream, key.model, starts.minute) : undefined;
    return {
      underWay,
      lastMinute: (sent?.calls ?? 0) + unsent,
      lastMinuteImages: images ? countImages(key, starts.minute) + unsent : 0,
      firstOfMinuteAt: sent?.first_at ?? undefined,
      lastTenMinutesMicros: spend ? readSpend(key, starts.spend) : 0,
    };
  };
}

export function prepareCountUnderWay(
  db: DatabaseSync,
): (key: UpstreamKey) => { readonly underWay: number; readonly unsent: number } {
  const select = prepareQuery<{ readonly under_way: number; readonly sent: number }>(
    db,
    `SELECT count(*) AS under_way, count(sent_at) AS sent FROM attempts
     WHERE upstream = ? AND model = ? AND result IS NULL`,
  );
  return ({ upstream, model }) => {
    const { under_way: underWay, sent } = select.get(upstream, model) ?? { under_way: 0, sent: 0 };
    return { underWay, unsent: underWay - sent };
  };
}

/** A call that failed has made no picture, unless it may have been billed for one. */
function prepareCountImages(db: DatabaseSync): (key: UpstreamKey, after: number) => number {
  const select = prepareQuery<{ readonly images: number }>(
    db,
    `SELECT count(*) AS images FROM attempts WHERE upstream = ? AND model = ? AND sent_at > ?
       AND (result IS NOT 'failed' OR is_possibly_billed = 1)`,
  );
  return ({ upstream, model }, after) => select.get(upstream, model, after)?.images ?? 0;
}

/** A call of unknown cost counts with its estimate: too careful is better than over the limit. */
function prepareReadSpend(db: DatabaseSync): (key: UpstreamKey, after: number) => number {
  const selectSent = prepareQuery<{ readonly micros: number }>(
    db,
    `SELECT coalesce(sum(
       CASE WHEN result IS NULL OR is_possibly_billed = 1 THEN max(cost_micros, estimated_micros) ELSE cost_micros END
     ), 0) AS micros FROM attempts WHERE upstream = ? AND model = ? AND sent_at > ?`,
  );
  const selectUnsent = prepareQuery<{ readonly micros: number }>(
    db,
    `SELECT coalesce(sum(estimated_micros), 0) AS micros FROM attempts
     WHERE upstream = ? AND model = ? AND result IS NULL AND sent_at IS NULL`,
  );
  return ({ upstream, model }, after) =>
    (selectSent.get(upstream, model, after)?.micros ?? 0) + (selectUnsent.get(upstream, model)?.micros ?? 0);
}
