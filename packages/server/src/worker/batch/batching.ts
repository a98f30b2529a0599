import { SpoolFolder } from '../../recovery/spool-folder.ts';
import type { AnswerTaker } from '../answer-taker.ts';
import type { HeldClaims } from '../held-claims.ts';
import type { Preparer } from '../preparer.ts';
import type { Settler } from '../settler.ts';
import type { Worker, WorkerOptions } from '../worker.ts';
import { BatchGatherer } from './batch-gatherer.ts';
import { JobAnswers } from './job-answers.ts';
import { JobKeeper } from './job-keeper.ts';
import { JobMaker } from './job-maker.ts';

export interface BatchingOptions extends WorkerOptions {
  /** The upstream's lane of every lane, by its public name. */
  readonly lanes: ReadonlyMap<string, string>;
  readonly held: HeldClaims;
  readonly leaseMs: number;
  readonly preparer: Preparer;
  readonly settler: Settler;
  readonly answers: AnswerTaker;
}

/**
 * The room of batch jobs. Requests of the batch tier wait in lanes apart; the gatherer claims those of a lane together, the maker
 * hands their leases to a job (`BatchJobStore.begin`) and has the upstream make it, and the keeper of any process looks at the job until
 * all of its calls have ended. docs/decisions/0017-batch-jobs.md says what happens when something is killed in between.
 */
export function createBatching(options: BatchingOptions): Worker {
  const { store, media, pool, models, settler, batchJobs: jobs, spoolFolder, clock, logger } = options;
  const batches = new Map(pool.flatMap(({ name, model }) => (model.batches ? [[name, model.batches] as const] : [])));
  const maker = new JobMaker({ ...options, jobs, batches });
  const gatherer = new BatchGatherer({
    ...options,
    jobs,
    maker,
    worker: options.name,
    upstreams: pool.filter(({ name }) => batches.has(name)),
    models: options.lanes,
    rules: options.gathering,
  });
  const answers = new JobAnswers({ jobs, models, answers: options.answers, clock });
  const openFolder = (path: string) => new SpoolFolder(path, { store, media, logger });
  const keeper = new JobKeeper({ ...options, jobs, batches, settler, answers, openFolder, spoolFolder });
  return {
    start: async () => {
      await keeper.start();
      await gatherer.start();
    },
    stop: async () => {
      await Promise.all([gatherer.stop(), keeper.stop()]);
    },
    handBack: () => {
      gatherer.handBack();
      keeper.handBack();
    },
  };
}
