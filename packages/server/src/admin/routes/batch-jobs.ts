import type { BatchJobList } from '@darkroom/protocol';
import type { FastifyInstance } from 'fastify';
import type { BatchJobStore } from '../../store/batch-job-store.ts';
import { toBatchJobRecord } from '../records/batch-jobs.ts';

const limit = 100;

/** The batch jobs of all processes. */
export function registerBatchJobRoute(
  app: FastifyInstance,
  { batchJobs }: { readonly batchJobs: Pick<BatchJobStore, 'list'> },
): void {
  app.get('/batch-jobs', async (): Promise<BatchJobList> => {
    const jobs = await batchJobs.list(limit);
    return { batch_jobs: jobs.map(toBatchJobRecord) };
  });
}
