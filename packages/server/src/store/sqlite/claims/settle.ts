import type { DatabaseSync } from 'node:sqlite';
import { toMoment } from '../../../core/request-events.ts';
import { toLeftoverResult } from '../../decisions/calls.ts';
import { toSettled } from '../../decisions/transitions.ts';
import type { Settlement } from '../../request-store.ts';
import { prepareEndCalls } from '../calls/end-calls.ts';
import { prepareEndLeftovers } from '../calls/leftovers.ts';
import { prepareRecordMoment } from '../events/record-moments.ts';
import { prepareChangeRequest } from '../requests/change-requests.ts';

/**
 * Writes ends, leftover lines and the verdict in one transaction. Only the verdict requires the lease: `false` when it was not
 * held.
 */
export function prepareSettle(db: DatabaseSync): (settlement: Settlement & { readonly isUntold: boolean }) => boolean {
  const endCalls = prepareEndCalls(db);
  const endLeftovers = prepareEndLeftovers(db);
  const change = prepareChangeRequest(db);
  const record = prepareRecordMoment(db);
  return ({ lease, ends, verdict, now, isUntold }) => {
    const { requestId, token } = lease;
    endCalls(lease, ends);
    endLeftovers(lease, { result: toLeftoverResult(verdict), now });
    if (!change({ id: requestId, leaseToken: token, transition: toSettled(verdict, now) })) return false;
    record({ requestId, at: now, moment: toMoment(verdict), isUntold });
    return true;
  };
}
