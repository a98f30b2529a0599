import type { DatabaseSync } from 'node:sqlite';
import type { Lease, Verdict } from '../../core/image-request.ts';
import { lifecycle } from '../../core/lifecycle.ts';
import type { Settlement } from '../request-store.ts';
import { prepareEndCalls } from './end-calls.ts';
import { prepareCommand } from './query.ts';
import { toJson } from './rows.ts';

/** Ends, leftover lines and verdict in one transaction; only the verdict asks for the lease. */
export function prepareSettle(db: DatabaseSync): (settlement: Settlement) => boolean {
  const endCalls = prepareEndCalls(db);
  const endLeftovers = prepareEndLeftovers(db);
  const applyVerdict = prepareApplyVerdict(db);
  return ({ lease, ends, verdict, now }) => {
    endCalls(lease, ends);
    endLeftovers(lease, { result: verdict.kind === 'interrupt' ? 'interrupted' : 'lost', now });
    return applyVerdict(lease, { verdict, now });
  };
}

/** Ends the lines of an attempt that are still under way; the upstream may have charged for them. */
export function prepareEndLeftovers(
  db: DatabaseSync,
): (lease: Lease, end: { readonly result: 'lost' | 'interrupted'; readonly now: number }) => void {
  const update = prepareCommand(
    db,
    `UPDATE attempts SET result = ?, ended_at = ?, is_possibly_billed = 1
     WHERE request_id = ? AND number = ? AND lease_token = ? AND result IS NULL`,
  );
  return (lease, { result, now }) => {
    update.run(result, now, lease.requestId, lease.attempt, lease.token);
  };
}

/** The guarded write: `false` when the lease is not held. Whatever the verdict, the lease ends with it. */
export function prepareApplyVerdict(
  db: DatabaseSync,
): (lease: Lease, settlement: { readonly verdict: Verdict; readonly now: number }) => boolean {
  const update = prepareCommand(
    db,
    `UPDATE requests SET status = ?, ready = ?, available_at = coalesce(?, available_at), outcome = ?,
       lease_token = NULL, lease_expires_at = NULL, worker = NULL, updated_at = ?
     WHERE id = ? AND status = 'processing' AND lease_token = ?`,
  );
  return (lease, { verdict, now }) => {
    const status = lifecycle.processing[verdict.kind];
    const availableAt = toAvailableAt(verdict, now);
    const ready = availableAt !== undefined && availableAt <= now ? 1 : 0;
    const outcome = 'outcome' in verdict ? verdict.outcome : undefined;
    return update.run(status, ready, availableAt ?? null, toJson(outcome), now, lease.requestId, lease.token) > 0;
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
