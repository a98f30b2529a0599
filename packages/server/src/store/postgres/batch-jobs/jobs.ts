import { createSecret } from '../../../platform/ids.ts';
import type { BatchJobStore, HeldJob, ListedJob, TakeJobsQuery } from '../../batch-job-store.ts';
import {
  type BatchJobRow,
  batchJobColumns,
  type ListedJobRow,
  toBatchJob,
  toChangingColumns,
  toListedJobs,
} from '../../rows/batch-job-rows.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

/**
 *     Index Scan using batch_jobs_due on batch_jobs
 *       Index Cond: (next_at <= $1)
 */
export const selectDueJobs = toStatement<BatchJobRow>(
  `SELECT ${batchJobColumns} FROM batch_jobs WHERE ended_at IS NULL AND next_at <= $1
     AND (lease_expires_at IS NULL OR lease_expires_at <= $1) AND upstream = ANY ($2::text[])
   ORDER BY next_at LIMIT $3 FOR UPDATE SKIP LOCKED`,
);

const leaseJobs = toStatement(
  `UPDATE batch_jobs SET lease_token = taken.token, lease_expires_at = $3
   FROM unnest($1::text[], $2::text[]) AS taken (id, token) WHERE batch_jobs.id = taken.id`,
);

export async function takeJobs(
  session: Session,
  { upstreams, limit, now, leaseMs }: TakeJobsQuery,
): Promise<readonly HeldJob[]> {
  const rows = await session.all(selectDueJobs, now, upstreams, limit);
  if (rows.length === 0) return [];
  const jobs = rows.map((row) => ({ ...toBatchJob(row), token: createSecret() }));
  await session.run(
    leaseJobs,
    jobs.map(({ id }) => id),
    jobs.map(({ token }) => token),
    now + leaseMs,
  );
  return jobs;
}

const updateJob = toStatement(
  `UPDATE batch_jobs SET state = $1, sent_at = $2, upstream_name = $3, leave_at = $4, cancelled_at = $5, next_at = $6,
     ended_at = $7, failure = $8, lease_token = $9, lease_expires_at = $10 WHERE id = $11 AND lease_token = $12`,
);

export async function keepJob(session: Session, ...[job, lease]: Parameters<BatchJobStore['keep']>): Promise<boolean> {
  const held = lease ? [job.token, lease.until] : [null, null];
  return (await session.run(updateJob, ...toChangingColumns(job), ...held, job.id, job.token)) > 0;
}

/** Both walks end with the limit. */
export const selectJobs = toStatement<ListedJobRow>(
  `SELECT jobs.*, (SELECT count(*) FROM attempts WHERE batch_job = jobs.id AND result IS NULL) AS open FROM (
     (SELECT ${batchJobColumns} FROM batch_jobs WHERE ended_at IS NULL LIMIT $1)
     UNION ALL
     (SELECT ${batchJobColumns} FROM batch_jobs WHERE ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT $1)
   ) AS jobs`,
);

export async function listJobs(session: Session, limit: number): Promise<readonly ListedJob[]> {
  return toListedJobs(await session.all(selectJobs, limit), limit);
}

export const removeJobs = toStatement(
  'DELETE FROM batch_jobs WHERE id = ANY (ARRAY(SELECT id FROM batch_jobs WHERE ended_at < $1 ORDER BY ended_at LIMIT $2))',
);

export function forgetJobs(
  session: Session,
  { before, limit }: { readonly before: number; readonly limit: number },
): Promise<number> {
  return session.run(removeJobs, before, limit);
}
