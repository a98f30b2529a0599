import type { DatabaseSync } from 'node:sqlite';
import type { Lease } from '../../../core/image-request.ts';
import { heldByJob } from '../../batch-job-store.ts';
import { prepareCommand } from '../database/statement.ts';

/**
 * Two guarded updates for each lease: the row by its unique `id`, the lines by their primary key. A worker holds dozens of
 * leases, not thousands. A lease that a batch job has been given meanwhile stays as it is. Lines do not require the request to be held: a call that is paid for runs to its end.
 */
export function prepareRenew(
  db: DatabaseSync,
): (leases: readonly Lease[], query: { readonly now: number; readonly leaseMs: number }) => readonly Lease[] {
  const updateRequest = prepareCommand(
    db,
    `UPDATE requests SET lease_expires_at = CASE lease_expires_at WHEN ${heldByJob} THEN lease_expires_at ELSE ? END
     WHERE id = ? AND status = 'processing' AND lease_token = ?`,
  );
  const updateLines = prepareCommand(
    db,
    `UPDATE attempts SET lease_expires_at = ? WHERE request_id = ? AND number = ? AND lease_token = ? AND result IS NULL
       AND batch_job IS NULL`,
  );
  return (leases, { now, leaseMs }) =>
    leases.filter(({ requestId, attempt, token }) => {
      updateLines.run(now + leaseMs, requestId, attempt, token);
      return updateRequest.run(now + leaseMs, requestId, token) === 0;
    });
}
