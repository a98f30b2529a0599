import type { Lease } from '../../../core/image-request.ts';
import { heldByJob, type NewBatchJob } from '../../batch-job-store.ts';
import { toJson } from '../../rows/request-rows.ts';
import { beginAll } from '../calls/begin-calls.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

const insertJob = toStatement(
  `INSERT INTO batch_jobs (id, upstream, model, calls, state, created_at, leave_at, next_at, lease_token, lease_expires_at)
   VALUES ($1, $2, $3, $4, 'begun', $5, $6, $5, $7, $8)`,
);

const handLines = toStatement(
  `UPDATE attempts SET batch_job = $1, batch_facts = begun.facts, lease_expires_at = $2
   FROM unnest($3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::text[])
     AS begun (request_id, number, image_index, token, facts)
   WHERE attempts.request_id = begun.request_id AND attempts.number = begun.number
     AND attempts.image_index = begun.image_index AND lease_token = begun.token`,
);

const handRequests = toStatement(
  `UPDATE requests SET lease_expires_at = $1 FROM unnest($2::text[], $3::text[]) AS begun (id, token)
   WHERE requests.id = begun.id AND requests.lease_token = begun.token`,
);

/** The row, the lines and the leases in one transaction: no process sees one without the others. */
export async function begin(session: Session, job: NewBatchJob): Promise<readonly Lease[]> {
  const { id, upstream, model, createdAt, leaveAt, token, leaseUntil, claims } = job;
  const isBegun = await beginAll(
    session,
    claims.map(({ lease, imageIndexes }) => ({ lease, imageIndexes, now: createdAt })),
  );
  const begun = claims.filter((_, index) => isBegun[index]);
  if (begun.length === 0) return [];
  const lines = begun.flatMap((claim) => claim.imageIndexes.map((imageIndex) => ({ ...claim, imageIndex })));
  await Promise.all([
    session.run(insertJob, id, upstream, model, lines.length, createdAt, leaveAt ?? null, token, leaseUntil),
    session.run(
      handLines,
      id,
      heldByJob,
      lines.map(({ lease }) => lease.requestId),
      lines.map(({ lease }) => lease.attempt),
      lines.map(({ imageIndex }) => imageIndex),
      lines.map(({ lease }) => lease.token),
      lines.map(({ facts }) => toJson(facts)),
    ),
    session.run(
      handRequests,
      heldByJob,
      begun.map(({ lease }) => lease.requestId),
      begun.map(({ lease }) => lease.token),
    ),
  ]);
  return begun.map(({ lease }) => lease);
}
