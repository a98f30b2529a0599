import { lifecycle } from '../../../core/lifecycle.ts';
import { toMoment } from '../../../core/request-events.ts';
import { poisonedOutcome } from '../../damage/poisoned-outcome.ts';
import { endLeftovers } from '../calls/leftovers.ts';
import type { Database } from '../database/database.ts';
import { isRowFault } from '../database/failures.ts';
import type { Session } from '../database/session.ts';
import { recordMoments } from '../events/record-moments.ts';
import { changeStates } from '../upstreams/upstream-states.ts';
import { changeRequests } from './change-requests.ts';
import { lockRequests } from './lock-requests.ts';

/**
 * Fails a request that its database refuses to read or to write: place and budget are free again. It is told to webhooks, unless
 * they are what is refused. `false`: it is not open.
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
  if (row?.status !== 'queued' && row?.status !== 'processing') return false;
  const status = row.status === 'queued' ? lifecycle.queued.expire : lifecycle.processing.fail;
  const lease = row.lease_token !== null && { requestId: id, attempt: row.attempt, token: row.lease_token };
  const leftovers = await endLeftovers(session, lease ? [{ lease, result: 'lost', now }] : []);
  await changeRequests(session, [{ id, costMicros: 0, next: { status, at: now, outcome: poisonedOutcome } }]);
  await changeStates(session, leftovers.changes);
  const moment = toMoment({ kind: 'fail', outcome: poisonedOutcome });
  await recordMoments(session, [...leftovers.tellingsOf(id), { requestId: id, at: now, moment, isUntold }]);
  return true;
}
