import type { DatabaseSync } from 'node:sqlite';
import type { ImageRequest } from '../../../core/image-request.ts';
import { type RequestRow, toImageRequest } from '../../rows/request-rows.ts';
import { prepareRemoveUnsent } from '../calls/leftovers.ts';
import { requestColumns } from '../database/rows.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';
import { prepareRecordMoment } from '../events/record-moments.ts';

interface Cancelling {
  readonly now: number;
  /** No webhook is told of it. */
  readonly isUntold: boolean;
}

/** Calls that were granted and not sent go with it, since nothing may be sent any more: their room is free at once. */
export function prepareCancel(
  db: DatabaseSync,
): (organizationId: string, id: string, given: Cancelling) => ImageRequest | undefined {
  const removeUnsent = prepareRemoveUnsent(db);
  const record = prepareRecordMoment(db);
  const select = prepareQuery<RequestRow & { readonly lease_token: string | null }>(
    db,
    `SELECT ${requestColumns}, lease_token FROM requests WHERE id = ? AND organization_id = ?`,
  );
  const update = prepareCommand(
    db,
    `UPDATE requests SET status = 'cancelled', ready = 0, retry_code = NULL, lease_token = NULL, lease_expires_at = NULL,
       worker = NULL, updated_at = ? WHERE id = ? AND status IN ('queued', 'processing')`,
  );
  return (organizationId, id, { now, isUntold }) => {
    const row = select.get(id, organizationId);
    if (!row || update.run(now, id) === 0) return row && toImageRequest(row);
    if (row.lease_token !== null) removeUnsent({ requestId: id, attempt: row.attempt, token: row.lease_token }, now);
    record({ requestId: id, at: now, moment: { kind: 'cancelled' }, isUntold });
    return toImageRequest({ ...row, status: 'cancelled', retry_code: null, updated_at: now });
  };
}
