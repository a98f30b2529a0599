import { toLane, waitingTiers } from '../../../core/service-tiers.ts';
import { toIdRange } from '../../lists/id-range.ts';
import { toPage } from '../../lists/request-page.ts';
import type { ListQuery, RequestPage } from '../../request-store.ts';
import { type FoundRow, selectPageOf } from '../database/rows.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

/**
 * Lanes give the total, and the pairs of model and status that match and are not empty. Each pair is walked separately in
 * `requests_by_lane`, ids only. It is one statement, so it sees one state of the database.
 *
 *     Index Only Scan Backward using requests_by_lane on requests
 *       Index Cond: ((organization_id = $1) AND (model = pair.model) AND (status = pair.status) AND (id >= $8) AND (id < $4))
 */
export const selectPage = toStatement<PageRow>(
  `WITH pairs AS (
     SELECT model, counted.status, counted.count FROM lanes
     CROSS JOIN LATERAL (VALUES ('queued', queued), ('processing', processing), ('success', success), ('failed', failed),
       ('cancelled', cancelled)) AS counted (status, count)
     WHERE organization_id = $1 AND ($2::text[] IS NULL OR model = ANY ($2)) AND counted.status = coalesce($3, counted.status)
       AND counted.count > 0
   ), page AS (
     SELECT walk.id FROM pairs CROSS JOIN LATERAL (
       SELECT id FROM requests
       WHERE organization_id = $1 AND model = pairs.model AND status = pairs.status AND id >= $8 AND id < $4
       ORDER BY id DESC LIMIT $5
     ) AS walk ORDER BY walk.id DESC OFFSET $6 LIMIT $7
   ), rows AS (
     ${selectPageOf('page')}
   )
   SELECT (SELECT coalesce(sum(count), 0) FROM pairs) AS total, rows.*
   FROM (VALUES (0)) AS always LEFT JOIN rows ON true ORDER BY id DESC`,
);

/** Reads one more than the limit, which shows whether there are more. */
export async function list(session: Session, query: ListQuery): Promise<RequestPage> {
  const { organizationId, model, status = null, limit, offset = 0 } = query;
  const { from, below } = toIdRange(query);
  const lanes = model === undefined ? null : [model, ...waitingTiers.map((tier) => toLane(model, tier))];
  const end = offset + limit + 1;
  const rows = await session.all(selectPage, organizationId, lanes, status, below, end, offset, limit + 1, from);
  const there = rows.filter(isThere);
  return { ...toPage(there, { limit, found: there[0]?.found ?? 0 }), total: rows[0]?.total ?? 0 };
}

/** For an empty page, one row without a request carries the total. */
type PageRow = (FoundRow | { readonly id: null }) & { readonly total: number };

function isThere(row: PageRow): row is FoundRow & PageRow {
  return row.id !== null;
}
