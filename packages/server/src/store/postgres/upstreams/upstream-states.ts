import { UpstreamPool } from '../../../core/upstream-pool.ts';
import {
  healthy,
  idle,
  toKeyText,
  type UpstreamKey,
  type UpstreamLoad,
  type UpstreamState,
} from '../../../core/upstreams.ts';
import {
  type KeptState,
  type LoadWindows,
  type StateChange,
  toChangedStates,
  toLoadWindows,
  toWindowStarts,
} from '../../decisions/upstream-states.ts';
import type { PoolQuery } from '../../upstream-store.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { lockTail } from '../events/record-moments.ts';

interface StateRow extends UpstreamKey {
  readonly state: string;
}

/** One row for each model of each upstream, so there are always few. */
const selectStates = toStatement<StateRow>('SELECT upstream, model, state FROM upstreams');

const upsertStates = toStatement(
  `INSERT INTO upstreams (upstream, model, state)
   SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
   ON CONFLICT (upstream, model) DO UPDATE SET state = excluded.state`,
);

export type States = (key: UpstreamKey) => UpstreamState;

export async function readStates(session: Session): Promise<States> {
  const states = new Map<string, UpstreamState>();
  // `keepStates` wrote them.
  for (const row of await session.all(selectStates)) states.set(toKeyText(row), JSON.parse(row.state));
  return (key) => states.get(toKeyText(key)) ?? healthy;
}

export async function keepStates(session: Session, changes: readonly KeptState[]): Promise<void> {
  if (changes.length === 0) return;
  await session.run(
    upsertStates,
    changes.map(({ key }) => key.upstream),
    changes.map(({ key }) => key.model),
    changes.map(({ state }) => JSON.stringify(state)),
  );
}

/** Call it late in a transaction: from here on others wait (`lockTail`). */
export async function changeStates(session: Session, changes: readonly StateChange[]): Promise<void> {
  if (changes.length === 0) return;
  const [, stateOf] = await Promise.all([lockTail(session), readStates(session)]);
  await keepStates(session, toChangedStates(changes, stateOf));
}

interface LoadRow extends UpstreamKey {
  readonly under_way: number;
  readonly sent: number;
  readonly unsent_micros: number;
  readonly calls: number;
  readonly images: number;
  readonly first_at: number | null;
  readonly micros: number;
}

/**
 * Walks only the calls under way and the windows, however long the log is. A call of unknown cost counts with its estimate: too
 * careful is better than over the limit. A call that failed has made no picture, unless it may have been billed for one.
 *
 *     Index Scan using attempts_under_way on attempts
 *       Index Cond: ((upstream = key.upstream) AND (model = key.model))
 *     Index Scan using attempts_by_sent on attempts
 *       Index Cond: ((upstream = key.upstream) AND (model = key.model) AND (sent_at > $5))
 */
export const selectLoads = toStatement<LoadRow>(
  `SELECT key.upstream, key.model, under_way, sent, unsent_micros, calls, pictures.images, first_at, micros
   FROM unnest($1::text[], $2::text[], $3::boolean[], $4::boolean[], $7::boolean[]) AS key (upstream, model, minute, spend, images)
   CROSS JOIN LATERAL (
     SELECT count(*) AS under_way, count(sent_at) AS sent,
       coalesce(sum(estimated_micros) FILTER (WHERE sent_at IS NULL), 0) AS unsent_micros
     FROM attempts WHERE upstream = key.upstream AND model = key.model AND result IS NULL
   ) AS present
   CROSS JOIN LATERAL (
     SELECT count(*) AS calls, min(sent_at) AS first_at FROM attempts
     WHERE key.minute AND upstream = key.upstream AND model = key.model AND sent_at > $5
   ) AS last_minute
   CROSS JOIN LATERAL (
     SELECT count(*) AS images FROM attempts
     WHERE key.images AND upstream = key.upstream AND model = key.model AND sent_at > $5
       AND (result IS DISTINCT FROM 'failed' OR is_possibly_billed)
   ) AS pictures
   CROSS JOIN LATERAL (
     SELECT coalesce(sum(
       CASE WHEN result IS NULL OR is_possibly_billed THEN greatest(cost_micros, estimated_micros) ELSE cost_micros END
     ), 0) AS micros FROM attempts
     WHERE key.spend AND upstream = key.upstream AND model = key.model AND sent_at > $6
   ) AS last_ten_minutes`,
);

type LoadKey = UpstreamKey & LoadWindows;

export async function readLoads(
  session: Session,
  keys: readonly LoadKey[],
  now: number,
): Promise<(key: UpstreamKey) => UpstreamLoad> {
  const starts = toWindowStarts(now);
  const rows = await session.all(
    selectLoads,
    keys.map(({ upstream }) => upstream),
    keys.map(({ model }) => model),
    keys.map(({ minute }) => minute),
    keys.map(({ spend }) => spend),
    starts.minute,
    starts.spend,
    keys.map(({ images }) => images),
  );
  const loads = new Map(rows.map((row) => [toKeyText(row), toLoad(row, keys)]));
  return (key) => loads.get(toKeyText(key)) ?? idle;
}

function toLoad(row: LoadRow, keys: readonly LoadKey[]): UpstreamLoad {
  const wanted = keys.find(({ upstream, model }) => upstream === row.upstream && model === row.model);
  const unsent = row.under_way - row.sent;
  return {
    underWay: row.under_way,
    lastMinute: row.calls + unsent,
    lastMinuteImages: wanted?.images ? row.images + unsent : 0,
    firstOfMinuteAt: row.first_at ?? undefined,
    lastTenMinutesMicros: wanted?.spend ? row.micros + row.unsent_micros : 0,
  };
}

/** How many calls are under way on each of the keys. */
export async function countUnderWay(
  session: Session,
  keys: readonly UpstreamKey[],
): Promise<(key: UpstreamKey) => number> {
  const unique = new Map(keys.map((key) => [toKeyText(key), key]));
  if (unique.size === 0) return () => 0;
  const wanted = [...unique.values()].map((key) => ({ ...key, minute: false, images: false, spend: false }));
  const loadOf = await readLoads(session, wanted, 0);
  return (key) => loadOf(key).underWay;
}

/** The pool at one moment of a transaction. Windows are read only where a limit needs them. */
export async function openPool(session: Session, { upstreams, models, now }: PoolQuery): Promise<UpstreamPool> {
  const keys = upstreams.flatMap(({ name: upstream, limits }) =>
    [...new Set(models.values())].map((model) => ({ upstream, model, ...toLoadWindows(limits) })),
  );
  const [stateOf, loadOf] = await Promise.all([readStates(session), readLoads(session, keys, now)]);
  return new UpstreamPool({ upstreams, models, now, stateOf, loadOf });
}
