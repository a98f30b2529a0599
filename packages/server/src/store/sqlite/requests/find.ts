import type { DatabaseSync } from 'node:sqlite';
import type { ImageRequest } from '../../../core/image-request.ts';
import { type RequestRow, toShownRequest } from '../../rows/request-rows.ts';
import { requestColumns } from '../database/rows.ts';
import { prepareQuery } from '../database/statement.ts';

/** The hottest statement, since clients poll: one walk of the unique index on `id`, then the row and its payload. */
export function prepareFind(db: DatabaseSync): (organizationId: string, id: string) => ImageRequest | undefined {
  const select = prepareQuery<RequestRow>(
    db,
    `SELECT ${requestColumns} FROM requests WHERE id = ? AND organization_id = ?`,
  );
  return (organizationId, id) => {
    const row = select.get(id, organizationId);
    return row && toShownRequest(row);
  };
}
