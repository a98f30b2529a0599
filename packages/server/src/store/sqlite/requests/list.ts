import type { DatabaseSync } from 'node:sqlite';
import { type RequestStatus, requestStatuses } from '@darkroom/protocol';
import { fromLane } from '../../../core/service-tiers.ts';
import { takeTurn } from '../../../platform/turns.ts';
import { beforeAllIds, toIdRange } from '../../lists/id-range.ts';
import { readRows, toPage } from '../../lists/request-page.ts';
import type { ListQuery, RequestPage } from '../../request-store.ts';
import type { RequestRow } from '../../rows/request-rows.ts';
import type { ReadTurn } from '../database/read-turn.ts';
import { requestColumns } from '../database/rows.ts';
import { prepareQuery, type Query } from '../database/statement.ts';
import { type Pair, preparePassOver } from './pass-over.ts';

/** How many ids are skipped in one turn of the event loop: this many take about half a millisecond. */
const maxPassedOver = 5_000;

/**
 * Lanes give the total (a row for each model of the organization). Each pair of model and status that matches and is not empty is
 * walked separately in `requests_by_lane`, ids only, and the walks are merged here. So one index serves every filter and none,
 * and no walk reads rows that do not match. A separate index for the bare list would save it some 100 µs and cost every submit
 * more than it saves.
 *
 *     SEARCH requests USING COVERING INDEX requests_by_lane (organization_id=? AND model=? AND status=? AND id>? AND id<?)
 *
 * An offset is a walk too, one piece in each turn of the event loop, up to where the page continues as after a cursor.
 */
export function prepareList(reads: ReadTurn): (query: ListQuery) => Promise<RequestPage> {
  const { db } = reads;
  const selectLanes = prepareQuery<LaneRow>(
    db,
    'SELECT model, queued, processing, success, failed, cancelled FROM lanes WHERE organization_id = ?',
  );
  const selectFrom = prepareSelectFrom(db);
  const passOver = preparePassOver(db);

  const listPairs = (query: ListQuery) => selectLanes.all(query.organizationId).flatMap((lane) => toPairs(lane, query));
  const read = (query: ListQuery): RequestPage => {
    const pairs = listPairs(query);
    const total = pairs.reduce((sum, pair) => sum + pair.count, 0);
    return { ...selectFrom(query, pairs), total };
  };

  return async ({ offset = 0, ...query }) => {
    let rest: ListQuery = query;
    for (let left = offset; left > 0 && rest.cursor !== beforeAllIds; left -= maxPassedOver) {
      if (left < offset) await takeTurn();
      const cursor = reads.read(() => passOver(rest, listPairs(rest), Math.min(left, maxPassedOver)));
      rest = { ...rest, cursor };
    }
    return reads.read(() => read(rest));
  };
}

type LaneRow = Readonly<Record<RequestStatus, number>> & { readonly model: string };

function toPairs(lane: LaneRow, { model, status }: ListQuery): readonly Pair[] {
  if (model !== undefined && model !== fromLane(lane.model).model) return [];
  const statuses = status === undefined ? requestStatuses : [status];
  return statuses.flatMap((one) => (lane[one] > 0 ? [{ model: lane.model, status: one, count: lane[one] }] : []));
}

interface Entry {
  readonly id: string;
  readonly seq: number;
}

/** Reads one more than the limit, which shows whether there are more. */
function prepareSelectFrom(db: DatabaseSync): (query: ListQuery, pairs: readonly Pair[]) => Omit<RequestPage, 'total'> {
  const walk: Query<Entry> = prepareQuery(
    db,
    `SELECT id, seq FROM requests WHERE organization_id = ? AND model = ? AND status = ? AND id >= ? AND id < ?
     ORDER BY id DESC LIMIT ?`,
  );
  const selectRow = prepareQuery<RequestRow>(db, `SELECT ${requestColumns} FROM requests WHERE seq = ?`);

  return ({ organizationId, limit, ...query }, pairs) => {
    const { from, below } = toIdRange(query);
    const entries = pairs.flatMap(({ model, status }) =>
      walk.all(organizationId, model, status, from, below, limit + 1),
    );
    entries.sort((a, b) => (a.id < b.id ? 1 : -1));
    const rows = readRows(entries, limit, ({ seq }) => selectRow.get(seq));
    return toPage(rows, { limit, found: entries.length });
  };
}
