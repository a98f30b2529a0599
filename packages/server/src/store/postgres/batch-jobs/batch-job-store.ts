import type { BatchJobStore } from '../../batch-job-store.ts';
import type { Database } from '../database/database.ts';
import { findClaim, readOpenCalls, readWaiting } from './batched-calls.ts';
import { begin } from './begin.ts';
import { forgetJobs, keepJob, listJobs, takeJobs } from './jobs.ts';

/*
 * Batch jobs: their rows, and the calls that wait in them.
 */

export function createBatchJobStore(db: Database): BatchJobStore {
  return {
    waiting: (lanes, limit) => readWaiting(db, lanes, limit),
    begin: (job) => db.transaction((session) => begin(session, job)),
    take: (query) => db.transaction((session) => takeJobs(session, query)),
    keep: (job, lease) => db.transaction((session) => keepJob(session, job, lease)),
    openCalls: (jobId) => readOpenCalls(db, jobId),
    findClaim: (requestId) => db.snapshot((session) => findClaim(session, requestId)),
    list: (limit) => listJobs(db, limit),
    forget: (query) => db.transaction((session) => forgetJobs(session, query)),
  };
}
