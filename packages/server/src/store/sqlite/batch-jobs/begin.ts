import type { DatabaseSync } from 'node:sqlite';
import type { Lease } from '../../../core/image-request.ts';
import { heldByJob, type NewBatchJob } from '../../batch-job-store.ts';
import { toJson } from '../../rows/request-rows.ts';
import { prepareBeginCalls } from '../calls/begin-calls.ts';
import { prepareCommand } from '../database/statement.ts';

/** The row, the lines and the leases in one transaction: no process sees one without the others. */
export function prepareBegin(db: DatabaseSync): (job: NewBatchJob) => readonly Lease[] {
  const beginCalls = prepareBeginCalls(db);
  const insert = prepareCommand(
    db,
    `INSERT INTO batch_jobs (id, upstream, model, calls, state, created_at, leave_at, next_at, lease_token, lease_expires_at)
     VALUES (?, ?, ?, ?, 'begun', ?, ?, ?, ?, ?)`,
  );
  const handLine = prepareCommand(
    db,
    `UPDATE attempts SET batch_job = ?, batch_facts = ?, lease_expires_at = ?
     WHERE request_id = ? AND number = ? AND image_index = ? AND lease_token = ?`,
  );
  const handRequest = prepareCommand(db, 'UPDATE requests SET lease_expires_at = ? WHERE id = ? AND lease_token = ?');
  return ({ id, upstream, model, createdAt, leaveAt, token, leaseUntil, claims }) => {
    const begun = claims.filter(({ lease, imageIndexes }) => beginCalls(lease, { imageIndexes, now: createdAt }));
    if (begun.length === 0) return [];
    const calls = begun.reduce((sum, { imageIndexes }) => sum + imageIndexes.length, 0);
    insert.run(id, upstream, model, calls, createdAt, leaveAt ?? null, createdAt, token, leaseUntil);
    for (const { lease, imageIndexes, facts } of begun) {
      for (const imageIndex of imageIndexes) {
        const { requestId, attempt } = lease;
        handLine.run(id, toJson(facts), heldByJob, requestId, attempt, imageIndex, lease.token);
      }
      handRequest.run(heldByJob, lease.requestId, lease.token);
    }
    return begun.map(({ lease }) => lease);
  };
}
