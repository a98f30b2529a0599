import type { DatabaseSync } from 'node:sqlite';
import { exactUpTo, type ReadyRow, toEstimatedPlace, toExactPlace } from '../../decisions/positions.ts';
import { prepareQuery } from '../database/statement.ts';

/**
 * Organizations take turns. So each request that is ahead in the same lane brings one request of every other lane ahead with it,
 * as long as that lane has any; a lane whose turn comes first brings one more. Every walk ends after a thousand steps. A longer
 * lane is walked from both ends, and the rest is estimated.
 *
 *     SEARCH requests USING COVERING INDEX requests_ready (organization_id=? AND model=? AND priority=? AND id<?)
 *     SEARCH lanes USING INDEX lanes_ready (model=?)
 */
export function preparePosition(db: DatabaseSync): (organizationId: string, requestId: string) => number | undefined {
  const select = prepareQuery<ReadyRow>(
    db,
    `SELECT id, organization_id, requests.model, priority, created_at, lanes.ready, lanes.turn
     FROM requests JOIN lanes USING (organization_id, model)
     WHERE id = ? AND organization_id = ? AND requests.ready = 1`,
  );
  const countOwn = prepareCountOwn(db);
  const countOthers = prepareCountOthers(db);
  return (organizationId, requestId) => {
    const row = select.get(requestId, organizationId);
    if (!row) return undefined;
    const own = countOwn(row);
    return own + countOthers(row, own);
  };
}

/** How many requests of its lane come before it. */
function prepareCountOwn(db: DatabaseSync): (row: ReadyRow) => number {
  const ahead = prepareCountBeyond(db, { priority: '>', id: '<' });
  const behind = prepareCountBeyond(db, { priority: '<', id: '>' });
  const readEnds = prepareReadEnds(db);
  return (row) => {
    const before = ahead(row);
    const place = toExactPlace(row, { before }) ?? toExactPlace(row, { before, after: behind(row) });
    return place ?? toEstimatedPlace(row, readEnds(row));
  };
}

/** Counts on one side of a request in its lane, up to `exactUpTo`. */
function prepareCountBeyond(
  db: DatabaseSync,
  side: { readonly priority: '<' | '>'; readonly id: '<' | '>' },
): (row: ReadyRow) => number {
  const count = (where: string) =>
    prepareQuery<{ readonly found: number }>(
      db,
      `SELECT count(*) AS found FROM (
         SELECT 1 FROM requests WHERE organization_id = ? AND model = ? AND ready = 1 AND ${where} LIMIT ?
       )`,
    );
  const samePriority = count(`priority = ? AND id ${side.id} ?`);
  const otherPriority = count(`priority ${side.priority} ?`);
  return ({ organization_id: organizationId, model, priority, id }) => {
    const same = samePriority.get(organizationId, model, priority, id, exactUpTo)?.found ?? 0;
    const left = exactUpTo - same;
    return same + (left > 0 ? (otherPriority.get(organizationId, model, priority, left)?.found ?? 0) : 0);
  };
}

/** When the first and the last request of the lane were made. */
function prepareReadEnds(
  db: DatabaseSync,
): (row: ReadyRow) => { readonly firstAt: number | undefined; readonly lastAt: number | undefined } {
  const end = (order: string) =>
    prepareQuery<{ readonly created_at: number }>(
      db,
      `SELECT created_at FROM requests WHERE organization_id = ? AND model = ? AND ready = 1 ORDER BY ${order} LIMIT 1`,
    );
  const first = end('priority DESC, id');
  const last = end('priority, id DESC');
  return ({ organization_id: organizationId, model }) => ({
    firstAt: first.get(organizationId, model)?.created_at,
    lastAt: last.get(organizationId, model)?.created_at,
  });
}

/** In the order of claims, so that the lanes whose turn comes first are among the thousand. */
function prepareCountOthers(db: DatabaseSync): (row: ReadyRow, own: number) => number {
  const sum = prepareQuery<{ readonly found: number }>(
    db,
    `SELECT coalesce(sum(min(ready, ?1 + ((turn, organization_id) < (?2, ?3)))), 0) AS found FROM (
       SELECT ready, turn, organization_id FROM lanes WHERE model = ?4 AND ready > 0 AND is_suspended = 0 AND organization_id <> ?3
       ORDER BY turn, organization_id LIMIT ${exactUpTo}
     )`,
  );
  return ({ turn, organization_id: organizationId, model }, own) =>
    sum.get(own, turn, organizationId, model)?.found ?? 0;
}
