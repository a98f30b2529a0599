import type { Verdict } from '../../../core/image-request.ts';
import { toMoment } from '../../../core/request-events.ts';
import { toLeftoverResult } from '../../decisions/calls.ts';
import { isHeldBy } from '../../decisions/leases.ts';
import type { Telling } from '../../decisions/news.ts';
import { toSettled } from '../../decisions/transitions.ts';
import { type EndedCalls, endCalls } from '../calls/end-calls.ts';
import { endLeftovers, type Leftover } from '../calls/leftovers.ts';
import type { Session } from '../database/session.ts';
import { recordMoments } from '../events/record-moments.ts';
import { changeRequests } from '../requests/change-requests.ts';
import { lockRequests } from '../requests/lock-requests.ts';
import { changeStates } from '../upstreams/upstream-states.ts';

/** Ended calls and, when the attempt ends with them, its verdict. */
export interface Ending extends EndedCalls {
  readonly settled: { readonly verdict: Verdict; readonly now: number; readonly isUntold: boolean } | undefined;
}

/**
 * Writes any number of endings, each of another request, in one transaction of about ten statements: calls, leftover lines and
 * verdicts. Only the verdict requires the lease: `false` when it was not held.
 */
export async function settleAll(session: Session, endings: readonly Ending[]): Promise<readonly boolean[]> {
  const rows = await lockRequests(
    session,
    endings.map(({ lease }) => lease.requestId),
  );
  const lines = await endCalls(session, endings);
  const leftovers = await endLeftovers(
    session,
    endings.flatMap((ending) => toLeftover(ending) ?? []),
  );
  const rowOf = (requestId: string) => rows.find(({ id }) => id === requestId);
  const held = endings.map(({ lease }) => isHeldBy(rowOf(lease.requestId), lease));
  const changes = endings.map(({ lease, settled }, index) => ({
    id: lease.requestId,
    costMicros: lines.costOf(lease.requestId),
    transition: held[index] && settled ? toSettled(settled.verdict, settled.now) : undefined,
  }));
  await Promise.all([
    changeRequests(session, changes),
    changeStates(session, [...lines.changes, ...leftovers.changes]),
  ]);
  const tellings = endings.flatMap(({ lease: { requestId }, settled }, index) => {
    const verdict = held[index] && settled ? [toVerdictTelling(requestId, settled)] : [];
    return [...lines.tellingsOf(requestId), ...leftovers.tellingsOf(requestId), ...verdict];
  });
  await recordMoments(session, tellings);
  return held;
}

function toVerdictTelling(requestId: string, { verdict, now, isUntold }: NonNullable<Ending['settled']>): Telling {
  return { requestId, at: now, moment: toMoment(verdict), isUntold };
}

function toLeftover({ lease, settled }: Ending): Leftover | undefined {
  return settled && { lease, result: toLeftoverResult(settled.verdict), now: settled.now };
}
