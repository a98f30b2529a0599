import type { DatabaseSync } from 'node:sqlite';
import type { Lease } from '../../core/image-request.ts';
import { prepareCommand } from './query.ts';

/** One guarded update a lease: the row's `id` is unique, so each is one walk, and a worker holds dozens, not thousands. */
export function prepareRenew(
  db: DatabaseSync,
): (leases: readonly Lease[], query: { readonly now: number; readonly leaseMs: number }) => readonly Lease[] {
  const update = prepareCommand(
    db,
    `UPDATE requests SET lease_expires_at = ? WHERE id = ? AND status = 'processing' AND lease_token = ?`,
  );
  return (leases, { now, leaseMs }) =>
    leases.filter((lease) => update.run(now + leaseMs, lease.requestId, lease.token) === 0);
}
