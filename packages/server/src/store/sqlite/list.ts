import type { DatabaseSync } from 'node:sqlite';
import { type RequestStatus, requestStatuses } from '@darkroom/protocol';
import type { ImageRequest } from '../../core/image-request.ts';
import { toIdRange } from '../id-range.ts';
import { toPage } from '../request-page.ts';
import type { ListQuery, RequestPage } from '../request-store.ts';
import { type RequestRow, toImageRequest } from '../rows.ts';
import { prepareQuery, type Query } from './query.ts';
import { requestColumns } from './rows.ts';

/**
 * Lanes give the total (a row for each model of the organization). Each pair of model and status that fits and is not
 * empty is walked on its own in `requests_by_lane`, ids only, and the walks are merged here: so one index serves every
 * filter and none, and no walk meets rows that do not fit. An index of its own for the bare list would spare it some
 * 100 µs and cost every submit more than it costs lists.
 *
 *     SEARCH requests USING COVERING INDEX requests_by_lane (organization_id=? AND model=? AND status=? AND id>? AND id<?)
 */
export function prepareList(db: DatabaseSync): (query: ListQuery) => RequestPage {
  const selectLanes = prepareQuery<LaneRow>(
    db,
    'SELECT model, queued, processing, success, failed, cancelled FROM lanes WHERE organization_id = ?',
  );
  const selectFrom = prepareSelectFrom(db);

  return (query) => {
    const pairs = selectLanes.all(query.organizationId).flatMap((lane) => toPairs(lane, query));
    const total = pairs.reduce((sum, pair) => sum + pair.count, 0);
    return { ...toPage(selectFrom(query, pairs), query.limit), total };
  };
}

type LaneRow = Readonly<Record<RequestStatus, number>> & { readonly model: string };

interface Pair {
  readonly model: string;
  readonly status: RequestStatus;
  readonly count: number;
}

function toPairs(lane: LaneRow, { model, status }: ListQuery): readonly Pair[] {
  if (model !== undefined && model !== lane.model) return [];
  const statuses = status === undefined ? requestStatuses : [status];
  return statuses.flatMap((one) => (lane[one] > 0 ? [{ model: lane.model, status: one, count: lane[one] }] : []));
}

interface Entry {
  readonly id: string;
  readonly seq: number;
}

/** One more than the limit, which tells whether there is more. */
function prepareSelectFrom(db: DatabaseSync): (query: ListQuery, pairs: readonly Pair[]) => readonly ImageRequest[] {
  const walk: Query<Entry> = prepareQuery(
    db,
    `SELECT id, seq FROM requests WHERE organization_id = ? AND model = ? AND status = ? AND id >= ? AND id < ?
     ORDER BY id DESC LIMIT ?`,
  );
  const selectRow = prepareQuery<RequestRow>(db, `SELECT ${requestColumns} FROM requests WHERE seq = ?`);

  return ({ organizationId, limit, offset = 0, ...query }, pairs) => {
    const { from, below } = toIdRange(query);
    const end = offset + limit + 1;
    const entries = pairs.flatMap(({ model, status }) => walk.all(organizationId, model, status, from, below, end));
    entries.sort((a, b) => (a.id < b.id ? 1 : -1));
    return entries.slice(offset, end).flatMap(({ seq }) => {
      const row = selectRow.get(seq);
      return row ? [toImageRequest(row)] : [];
    });
  };
}
