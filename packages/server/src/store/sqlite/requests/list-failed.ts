import type { DatabaseSync } from 'node:sqlite';
import { type FailureCode, failureCodes } from '../../../core/failures.ts';
import { afterAllIds } from '../../lists/id-range.ts';
import { readRows, toPage } from '../../lists/request-page.ts';
import type { FailedQuery, RequestPage } from '../../request-store.ts';
import type { RequestRow } from '../../rows/request-rows.ts';
import { requestColumns } from '../database/rows.ts';
import { prepareQuery } from '../database/statement.ts';

/**
 * One index walk for each code, ids only. The walks are merged here, as in `prepareList`; each reads only rows that match.
 *
 *     SEARCH requests USING INDEX requests_failed (failure_code=? AND id<?)
 *     SEARCH requests USING INDEX requests_failed_by_organization (organization_id=? AND failure_code=? AND id<?)
 */
export function prepareListFailed(db: DatabaseSync): (query: FailedQuery) => Omit<RequestPage, 'total'> {
  const walk = prepareWalk(db);
  const selectRow = prepareQuery<RequestRow>(db, `SELECT ${requestColumns} FROM requests WHERE seq = ?`);

  return ({ code, limit, ...query }) => {
    const codes = code === undefined ? failureCodes : [code];
    const entries = codes.flatMap((one) => walk({ ...query, code: one, limit: limit + 1 }));
    entries.sort((a, b) => (a.id < b.id ? 1 : -1));
    const rows = readRows(entries, limit, ({ seq }) => selectRow.get(seq));
    return toPage(rows, { limit, found: entries.length });
  };
}

interface Entry {
  readonly id: string;
  readonly seq: number;
}

function prepareWalk(db: DatabaseSync): (query: FailedQuery & { readonly code: FailureCode }) => readonly Entry[] {
  const ofAll = prepareQuery<Entry>(
    db,
    `SELECT id, seq FROM requests WHERE status = 'failed' AND failure_code = ? AND id < ? ORDER BY id DESC LIMIT ?`,
  );
  const ofOrganization = prepareQuery<Entry>(
    db,
    `SELECT id, seq FROM requests WHERE status = 'failed' AND organization_id = ? AND failure_code = ? AND id < ?
     ORDER BY id DESC LIMIT ?`,
  );
  return ({ code, organizationId, limit, cursor = afterAllIds }) =>
    organizationId === undefined
      ? ofAll.all(code, cursor, limit)
      : ofOrganization.all(organizationId, code, cursor, limit);
}
