import type { DatabaseSync } from 'node:sqlite';
import { toMoment } from '../../../core/request-events.ts';
import { toLease } from '../../decisions/leases.ts';
import { poisonedOutcome } from '../../decisions/poisoned-outcome.ts';
import { toPoisoned } from '../../decisions/transitions.ts';
import type { RequestRow } from '../../rows/request-rows.ts';
import { prepareEndLeftovers } from '../calls/leftovers.ts';
import { prepareQuery } from '../database/statement.ts';
import { prepareRecordMoment } from '../events/record-moments.ts';
import { prepareChangeRequest } from './change-requests.ts';

interface Poisoned {
  readonly now: number;
  /** Webhooks are not told, because they may be what is refused. */
  readonly isUntold: boolean;
}

/**
 * Fails a request that its database refuses to read or to write: its position and its budget are free again. `false`: it has
 * already ended.
 */
export function prepareEndPoisoned(db: DatabaseSync): (id: string, poisoned: Poisoned) => boolean {
  const endLeftovers = prepareEndLeftovers(db);
  const record = prepareRecordMoment(db);
  // Reads no more than it needs: the rest may be what cannot be read.
  const select = prepareQuery<Pick<RequestRow, 'id' | 'status' | 'attempt' | 'lease_token'>>(
    db,
    'SELECT id, status, attempt, lease_token FROM requests WHERE id = ?',
  );
  const change = prepareChangeRequest(db);
  return (id, { now, isUntold }) => {
    const row = select.get(id);
    const transition = row && toPoisoned(row.status, now);
    if (!transition) return false;
    const lease = toLease(row);
    if (lease) endLeftovers(lease, { result: 'lost', now });
    change({ id, leaseToken: row.lease_token, transition });
    record({ requestId: id, at: now, moment: toMoment({ kind: 'fail', outcome: poisonedOutcome }), isUntold });
    return true;
  };
}
