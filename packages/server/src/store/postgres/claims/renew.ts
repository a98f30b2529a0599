import type { Lease } from '../../../core/image-request.ts';
import { heldByJob } from '../../batch-job-store.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { lockLeases } from '../requests/lock-requests.ts';

export const renewRequests = toStatement(
  `UPDATE requests SET lease_expires_at = CASE lease_expires_at WHEN ${heldByJob} THEN lease_expires_at ELSE $2 END
   WHERE id = ANY ($1::text[])`,
);

export const renewLines = toStatement(
  `UPDATE attempts SET lease_expires_at = $4
   FROM unnest($1::text[], $2::bigint[], $3::text[]) AS lease (request_id, number, token)
   WHERE attempts.request_id = lease.request_id AND attempts.number = lease.number AND lease_token = lease.token
     AND result IS NULL AND batch_job IS NULL`,
);

/**
 * Prolongs all leases of a worker in three statements. Lines do not require the request to be held: a call that is paid for runs
 * to its end. A lease that a batch job has been given meanwhile stays as it is.
 */
export async function renew(
  session: Session,
  leases: readonly Lease[],
  { now, leaseMs }: { readonly now: number; readonly leaseMs: number },
): Promise<readonly Lease[]> {
  if (leases.length === 0) return [];
  const tokens = await lockLeases(
    session,
    leases.map(({ requestId }) => requestId),
  );
  const isHeld = ({ requestId, token }: Lease) => tokens.get(requestId) === token;
  await session.run(
    renewRequests,
    leases.filter(isHeld).map(({ requestId }) => requestId),
    now + leaseMs,
  );
  await session.run(
    renewLines,
    leases.map(({ requestId }) => requestId),
    leases.map(({ attempt }) => attempt),
    leases.map(({ token }) => token),
    now + leaseMs,
  );
  return leases.filter((lease) => !isHeld(lease));
}
