import type { DatabaseSync } from 'node:sqlite';
import type { Transition } from '../../decisions/transitions.ts';
import { toJson } from '../../rows/request-rows.ts';
import { prepareCommand } from '../database/statement.ts';

export interface RequestChange {
  readonly id: string;
  /** The lease under which the change was decided; `null`: the request was not held. */
  readonly leaseToken: string | null;
  readonly transition: Transition;
}

/**
 * The guarded write: returns `false`, and writes nothing, when the request is held by another lease or has ended. A cost is added
 * where the call ends (`end-calls.ts`).
 *
 * Differs from the twin because it guards itself: a settlement has not read its request before.
 */
export function prepareChangeRequest(db: DatabaseSync): (change: RequestChange) => boolean {
  const update = prepareCommand(
    db,
    `UPDATE requests SET status = ?, ready = ?, available_at = coalesce(?, available_at), retry_code = ?, outcome = ?,
       lease_token = NULL, lease_expires_at = NULL, worker = NULL, updated_at = ?
     WHERE id = ? AND lease_token IS ? AND status IN ('queued', 'processing')`,
  );
  return ({ id, leaseToken, transition }) => {
    const { status, at, isReady, availableAt, retryCode, outcome } = transition;
    const values = [status, isReady ? 1 : 0, availableAt ?? null, retryCode ?? null, toJson(outcome), at];
    return update.run(...values, id, leaseToken) > 0;
  };
}
