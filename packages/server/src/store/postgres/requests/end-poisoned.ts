import { toMoment } from '../../../core/request-events.ts';
import { toLease } from '../../decisions/leases.ts';
import { poisonedOutcome } from '../../decisions/poisoned-outcome.ts';
import { toPoisoned } from '../../decisions/transitions.ts';
import { endLeftovers } from '../calls/leftovers.ts';
import type { Database } from '../database/database.ts';
import { isRowFault } from '../database/failures.ts';
import type { Session } from '../database/session.ts';
import { recordMoments } from '../events/record-moments.ts';
import { changeStates } from '../upstreams/upstream-states.ts';
import { changeRequests } from './change-requests.ts';
import { lockRequests } from './lock-requests.ts';

/**
 * Fails a request that its database refuses to read or to write: its position and its budget are free again. Webhooks are told,
 * unless the database refuses that too. `false`: it has already ended.
 */
export async function endPoisoned(db: Database, id: string, now: number): Promise<boolean> {
  const end = (isUntold: boolean) => db.transaction((session) => endIn(session, { id, now, isUntold }));
  return end(false).catch((error: unknown) => {
    if (isRowFault(error)) return end(true);
    throw error;
  });
}

interface Poisoned {
  readonly id: string;
  readonly now: number;
  readonly isUntold: boolean;
}

async function endIn(session: Session, { id, now, isUntold }: Poisoned): Promise<boolean> {
  const [row] = await lockRequests(session, [id]);
  const transition = row && toPoisoned(row.status, now);
  if (!transition) return false;
  const lease = toLease(row);
  const leftovers = await endLeftovers(session, lease ? [{ lease, result: 'lost', now }] : []);
  await changeRequests(session, [{ id, costMicros: 0, transition }]);
  await changeStates(session, leftovers.changes);
  const moment = toMoment({ kind: 'fail', outcome: poisonedOutcome });
  await recordMoments(session, [...leftovers.tellingsOf(id), { requestId: id, at: now, moment, isUntold }]);
  return true;
}
