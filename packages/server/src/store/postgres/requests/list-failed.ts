import { failureCodes } from '../../../core/failures.ts';
import { afterAllIds } from '../../lists/id-range.ts';
import { toPage } from '../../lists/request-page.ts';
import type { FailedQuery, RequestPage } from '../../request-store.ts';
import { type FoundRow, selectPageOf } from '../database/rows.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

/**
 * One index walk for each code; each reads only rows that match.
 *
 *     Index Only Scan Backward using requests_failed on requests
 *       Index Cond: ((failure_code = code.code) AND (id < $2))
 */
export const selectFailed = toStatement<FoundRow>(toSelect('failure_code = code.code AND id < $2'));

/**
 *     Index Only Scan Backward using requests_failed_by_organization on requests
 *       Index Cond: ((organization_id = $4) AND (failure_code = code.code) AND (id < $2))
 */
export const selectFailedOfOrganization = toStatement<FoundRow>(
  toSelect('organization_id = $4 AND failure_code = code.code AND id < $2'),
);

function toSelect(where: string): string {
  return `WITH page AS (
      SELECT walk.id FROM unnest($1::text[]) AS code (code) CROSS JOIN LATERAL (
        SELECT id FROM requests WHERE status = 'failed' AND ${where} ORDER BY id DESC LIMIT $3
      ) AS walk ORDER BY walk.id DESC LIMIT $3
    )
    ${selectPageOf('page')} ORDER BY id DESC`;
}

export async function listFailed(
  session: Session,
  { code, organizationId, limit, cursor = afterAllIds }: FailedQuery,
): Promise<Omit<RequestPage, 'total'>> {
  const codes = code === undefined ? failureCodes : [code];
  const rows =
    organizationId === undefined
      ? await session.all(selectFailed, codes, cursor, limit + 1)
      : await session.all(selectFailedOfOrganization, codes, cursor, limit + 1, organizationId);
  return toPage(rows, { limit, found: rows[0]?.found ?? 0 });
}
