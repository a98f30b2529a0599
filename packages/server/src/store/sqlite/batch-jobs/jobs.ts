import type { DatabaseSync } from 'node:sqlite';
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
import { prepareCommand, prepareQuery } from '../database/statement.ts';

/**
 *     SEARCH batch_jobs USING INDEX batch_jobs_due (next_at<?)
 */
export function prepareTakeJobs(db: DatabaseSync): (query: TakeJobsQuery) => readonly HeldJob[] {
  const select = prepareQuery<BatchJobRow>(
    db,
    `SELECT ${batchJobColumns} FROM batch_jobs WHERE ended_at IS NULL AND next_at <= ?1
       AND (lease_expires_at IS NULL OR lease_expires_at <= ?1)
       AND upstream IN (SELECT value FROM json_each(?2)) ORDER BY next_at LIMIT ?3`,
  );
  const lease = prepareCommand(db, 'UPDATE batch_jobs SET lease_token = ?, lease_expires_at = ? WHERE id = ?');
  return ({ upstreams, limit, now, leaseMs }) =>
    select.all(now, JSON.stringify(upstreams), limit).map((row) => {
      const token = createSecret();
      lease.run(token, now + leaseMs, row.id);
      return { ...toBatchJob(row), token };
    });
}

type Keep = (...given: Parameters<BatchJobStore['keep']>) => boolean;

export function prepareKeepJob(db: DatabaseSync): Keep {
  const update = prepareCommand(
    db,
    `UPDATE batch_jobs SET state = ?, sent_at = ?, upstream_name = ?, leave_at = ?, cancelled_at = ?, next_at = ?, ended_at = ?,
       failure = ?, lease_token = ?, lease_expires_at = ? WHERE id = ? AND lease_token = ?`,
  );
  return (job, lease) => {
    const held = lease ? [job.token, lease.until] : [null, null];
    return update.run(...toChangingColumns(job), ...held, job.id, job.token) > 0;
  };
}

/** Both walks end with `limit`. */
export function prepareListJobs(db: DatabaseSync): (limit: number) => readonly ListedJob[] {
  const open = '(SELECT count(*) FROM attempts WHERE batch_job = batch_jobs.id AND result IS NULL) AS open';
  const selectOpen = prepareQuery<ListedJobRow>(
    db,
    `SELECT ${batchJobColumns}, ${open} FROM batch_jobs WHERE ended_at IS NULL LIMIT ?`,
  );
  const selectEnded = prepareQuery<ListedJobRow>(
    db,
    `SELECT ${batchJobColumns}, ${open} FROM batch_jobs WHERE ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT ?`,
  );
  return (limit) => toListedJobs([...selectOpen.all(limit), ...selectEnded.all(limit)], limit);
}

export function prepareForgetJobs(
  db: DatabaseSync,
): (query: { readonly before: number; readonly limit: number }) => number {
  const remove = prepareCommand(
    db,
    'DELETE FROM batch_jobs WHERE id IN (SELECT id FROM batch_jobs WHERE ended_at < ? ORDER BY ended_at LIMIT ?)',
  );
  return ({ before, limit }) => remove.run(before, limit);
}
