import type { ImageRequest } from '../../../core/image-request.ts';
import type { RequestRow } from '../../rows/request-rows.ts';
import { toShownRequest } from '../../rows/request-rows.ts';
import { requestColumns, requestTables } from '../database/rows.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

/**
 * The hottest statement, since clients poll: two walks of primary keys for each request.
 *
 *     Index Scan using requests_pkey on requests
 *       Index Cond: (id = ANY ($1))
 *     Index Scan using payloads_pkey on payloads
 *       Index Cond: (request_id = requests.id)
 */
export const selectRequests = toStatement<RequestRow>(
  `SELECT ${requestColumns} FROM ${requestTables} WHERE requests.id = ANY ($1::text[])`,
);

interface Wanted {
  readonly organizationId: string;
  readonly id: string;
}

export async function findAll(
  session: Session,
  wanted: readonly Wanted[],
): Promise<readonly (ImageRequest | undefined)[]> {
  const rows = await session.all(selectRequests, [...new Set(wanted.map(({ id }) => id))]);
  const found = new Map(rows.map((row) => [row.id, row]));
  return wanted.map(({ organizationId, id }) => {
    const row = found.get(id);
    return row?.organization_id === organizationId ? toShownRequest(row) : undefined;
  });
}
