import type { ImageRequest } from '../../../core/image-request.ts';
import { toImageRequest } from '../../rows/request-rows.ts';
import { endLeftovers } from '../calls/leftovers.ts';
import type { Session } from '../database/session.ts';
import { recordMoments } from '../events/record-moments.ts';
import { changeStates } from '../upstreams/upstream-states.ts';
import { changeRequests } from './change-requests.ts';
import { lockRequests } from './lock-requests.ts';

interface Cancelling {
  readonly organizationId: string;
  readonly id: string;
  readonly now: number;
  /** No webhook is told of it. */
  readonly isUntold: boolean;
}

/** Calls that were granted and not sent go with it, since nothing may be sent any more: their room is free at once. */
export async function cancel(
  session: Session,
  { organizationId, id, now, isUntold }: Cancelling,
): Promise<ImageRequest | undefined> {
  const [row] = await lockRequests(session, [id]);
  if (row?.organization_id !== organizationId) return undefined;
  if (row.status !== 'queued' && row.status !== 'processing') return toImageRequest(row);
  if (row.lease_token !== null) {
    const lease = { requestId: id, attempt: row.attempt, token: row.lease_token };
    const { changes } = await endLeftovers(session, [{ lease, result: undefined, now }]);
    await changeStates(session, changes);
  }
  await changeRequests(session, [{ id, costMicros: 0, next: { status: 'cancelled', at: now } }]);
  await recordMoments(session, [{ requestId: id, at: now, moment: { kind: 'cancelled' }, isUntold }]);
  return toImageRequest({ ...row, status: 'cancelled', retry_code: null, updated_at: now });
}
