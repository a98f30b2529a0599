import type { DatabaseSync } from 'node:sqlite';
import type { ImageRequest } from '../../../core/image-request.ts';
import { toLease } from '../../decisions/leases.ts';
import { applyTransition, toCancelled } from '../../decisions/transitions.ts';
import { type RequestRow, toImageRequest } from '../../rows/request-rows.ts';
import { prepareRemoveUnsent } from '../calls/leftovers.ts';
import { requestColumns } from '../database/rows.ts';
import { prepareQuery } from '../database/statement.ts';
import { prepareRecordMoment } from '../events/record-moments.ts';
import { prepareRemoveLeft } from '../open-calls/open-calls.ts';
import { prepareChangeRequest } from './change-requests.ts';

interface Cancelling {
  readonly now: number;
  /** Webhooks are not told. */
  readonly isUntold: boolean;
}

/** Calls that were granted and not sent are removed with it. Nothing may be sent any more, so their room is free at once. */
export function prepareCancel(
  db: DatabaseSync,
): (organizationId: string, id: string, given: Cancelling) => ImageRequest | undefined {
  const removeUnsent = prepareRemoveUnsent(db);
  const record = prepareRecordMoment(db);
  const select = prepareQuery<RequestRow>(
    db,
    `SELECT ${requestColumns} FROM requests WHERE id = ? AND organization_id = ?`,
  );
  const change = prepareChangeRequest(db);
  return (organizationId, id, { now, isUntold }) => {
    const row = select.get(id, organizationId);
    const transition = row && toCancelled(row.status, now);
    if (!transition) return row && toImageRequest(row);
    const lease = toLease(row);
    if (lease) removeUnsent(lease, now);
    change({ id, leaseToken: row.lease_token, transition });
    record({ requestId: id, at: now, moment: { kind: 'cancelled' }, isUntold });
    return toImageRequest(applyTransition(row, transition));
  };
}

/** Whoever joins an open call and whoever cancels its request meet at its row: only one of them finds it left. */
export function prepareCancelLeft(db: DatabaseSync): (id: string, given: Cancelling) => ImageRequest | undefined {
  const cancel = prepareCancel(db);
  const removeLeft = prepareRemoveLeft(db);
  const select = prepareQuery<Pick<RequestRow, 'organization_id'>>(
    db,
    `SELECT organization_id FROM requests WHERE id = ? AND status = 'queued'`,
  );
  return (id, given) => {
    const row = select.get(id);
    return row && removeLeft(id) ? cancel(row.organization_id, id, given) : undefined;
  };
}
