import type { DatabaseSync } from 'node:sqlite';
import type { Lease, Verdict } from '../../../core/image-request.ts';
import { lifecycle } from '../../../core/lifecycle.ts';
import { toMoment } from '../../../core/request-events.ts';
import type { Settlement } from '../../request-store.ts';
import { toJson } from '../../rows/request-rows.ts';
import { prepareEndCalls } from '../calls/end-calls.ts';
import { prepareEndLeftovers } from '../calls/leftovers.ts';
import { prepareCommand } from '../database/statement.ts';
import { prepareRecordMoment } from '../events/record-moments.ts';

/** Ends, leftover lines and verdict in one transaction; only the verdict asks for the lease. */
export function prepareSettle(db: DatabaseSync): (settlement: Settlement & { readonly isUntold: boolean }) => boolean {
  const endCalls = prepareEndCalls(db);
  const endLeftovers = prepareEndLeftovers(db);
  const applyVerdict = prepareApplyVerdict(db);
  return ({ lease, ends, verdict, now, isUntold }) => {
    endCalls(lease, ends);
    endLeftovers(lease, { result: verdict.kind === 'interrupt' ? 'interrupted' : 'lost', now });
    return applyVerdict(lease, { verdict, now, isUntold });
  };
}

/** The guarded write: `false` when the lease is not held. Whatever the verdict, the lease ends with it. */
export function prepareApplyVerdict(
  db: DatabaseSync,
): (
  lease: Lease,
  settlement: { readonly verdict: Verdict; readonly now: number; readonly isUntold: boolean },
) => boolean {
  const record = prepareRecordMoment(db);
  const update = prepareCommand(
    db,
    `UPDATE requests SET status = ?, ready = ?, available_at = coalesce(?, available_at), retry_code = ?, outcome = ?,
       lease_token = NULL, lease_expires_at = NULL, worker = NULL, updated_at = ?
     WHERE id = ? AND status = 'processing' AND lease_token = ?`,
  );
  return (lease, { verdict, now, isUntold }) => {
    const status = lifecycle.processing[verdict.kind];
    const availableAt = toAvailableAt(verdict, now);
    const ready = availableAt !== undefined && availableAt <= now ? 1 : 0;
    const outcome = 'outcome' in verdict ? verdict.outcome : undefined;
    const retryCode = verdict.kind === 'retry' ? verdict.code : null;
    const values = [status, ready, availableAt ?? null, retryCode, toJson(outcome), now];
    if (update.run(...values, lease.requestId, lease.token) === 0) return false;
    record({ requestId: lease.requestId, at: now, moment: toMoment(verdict), isUntold });
    return true;
  };
}

/** `undefined`: the request is not queued again. */
function toAvailableAt(verdict: Verdict, now: number): number | undefined {
  switch (verdict.kind) {
    case 'succeed':
    case 'fail':
      return undefined;
    case 'retry':
      return verdict.availableAt;
    case 'interrupt':
      return now;
  }
}
