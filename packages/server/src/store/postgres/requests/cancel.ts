import type { ImageRequest } from '../../../core/image-request.ts';
import { toLease } from '../../decisions/leases.ts';
import { applyTransition, toCancelled } from '../../decisions/transitions.ts';
import { type RequestRow, toImageRequest } from '../../rows/request-rows.ts';
import { endLeftovers } from '../calls/leftovers.ts';
import type { Session } from '../database/session.ts';
import { recordMoments } from '../events/record-moments.ts';
import { removeLeft } from '../open-calls/open-calls.ts';
import { changeStates } from '../upstreams/upstream-states.ts';
import { changeRequests } from './change-requests.ts';
import { lockRequests } from './lock-requests.ts';

interface Cancelling {
  readonly now: number;
  /** Webhooks are not told. */
  readonly isUntold: boolean;
}

/** Calls that were granted and not sent are removed with it. Nothing may be sent any more, so their room is free at once. */
export async function cancel(
  session: Session,
  { organizationId, id, now, isUntold }: Cancelling & { readonly organizationId: string; readonly id: string },
): Promise<ImageRequest | undefined> {
  const [row] = await lockRequests(session, [id]);
  return row?.organization_id === organizationId ? cancelLocked(session, row, { now, isUntold }) : undefined;
}

/** Whoever joins an open call and whoever cancels its request meet at its row: only one of them finds it left. */
export async function cancelLeft(session: Session, id: string, given: Cancelling): Promise<ImageRequest | undefined> {
  const [row] = await lockRequests(session, [id]);
  return row?.status === 'queued' && (await removeLeft(session, id)) ? cancelLocked(session, row, given) : undefined;
}

async function cancelLocked(session: Session, row: RequestRow, { now, isUntold }: Cancelling): Promise<ImageRequest> {
  const { id } = row;
  const transition = toCancelled(row.status, now);
  if (!transition) return toImageRequest(row);
  const lease = toLease(row);
  if (lease) {
    const { changes } = await endLeftovers(session, [{ lease, result: undefined, now }]);
    await changeStates(session, changes);
  }
  await changeRequests(session, [{ id, costMicros: 0, transition }]);
  await recordMoments(session, [{ requestId: id, at: now, moment: { kind: 'cancelled' }, isUntold }]);
  return toImageRequest(applyTransition(row, transition));
}
