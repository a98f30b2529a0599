import type { DatabaseSync } from 'node:sqlite';
import type { BatchJobStore } from '../../batch-job-store.ts';
import type { GroupCommit } from '../database/group-commit.ts';
import type { ReadTurn } from '../database/read-turn.ts';
import { prepareFindClaim, prepareOpenCallsOf, prepareWaiting } from './batched-calls.ts';
import { prepareBegin } from './begin.ts';
import { prepareForgetJobs, prepareKeepJob, prepareListJobs, prepareTakeJobs } from './jobs.ts';

/*
 * Batch jobs: their rows, and the calls that wait in them.
 */

export function createBatchJobStore(
  db: DatabaseSync,
  { commits, reads }: { readonly commits: GroupCommit; readonly reads: ReadTurn },
): BatchJobStore {
  const waiting = prepareWaiting(reads.db);
  const begin = prepareBegin(db);
  const take = prepareTakeJobs(db);
  const keep = prepareKeepJob(db);
  const openCalls = prepareOpenCallsOf(reads.db);
  const findClaim = prepareFindClaim(reads.db);
  const list = prepareListJobs(reads.db);
  const forget = prepareForgetJobs(db);
  return {
    waiting: async (lanes, limit) => reads.read(() => waiting(lanes, limit)),
    begin: (job) => commits.write(() => begin(job)),
    take: (query) => commits.write(() => take(query)),
    keep: (job, lease) => commits.write(() => keep(job, lease)),
    openCalls: async (jobId) => reads.read(() => openCalls(jobId)),
    findClaim: async (requestId) => reads.read(() => findClaim(requestId)),
    list: async (limit) => reads.read(() => list(limit)),
    forget: (query) => commits.write(() => forget(query)),
  };
}
