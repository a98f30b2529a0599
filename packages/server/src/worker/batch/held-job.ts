import type { BatchJob } from '../../core/batch-jobs.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import { createRepeat } from '../../platform/repeat.ts';
import type { Service } from '../../platform/service.ts';
import type { BatchJobStore, HeldJob } from '../../store/batch-job-store.ts';

export interface JobHolderOptions {
  readonly jobs: Pick<BatchJobStore, 'keep'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long a process may be silent before another one takes its job, in milliseconds. */
export const jobLeaseMs = 60_000;

/** A job that this process holds. Its lease is prolonged, three times in its length, until it is released. */
export class JobHolder {
  readonly #options: JobHolderOptions;
  readonly #renewing: Service;
  #job: HeldJob;
  #isHeld = true;

  constructor(job: HeldJob, options: JobHolderOptions) {
    this.#options = options;
    this.#job = job;
    const { clock, logger } = options;
    const work = async () => void (await this.change({}));
    this.#renewing = createRepeat({ event: 'batch.unrenewed', everyMs: jobLeaseMs / 3, work, clock, logger });
  }

  get job(): BatchJob {
    return this.#job;
  }

  /** Holds the job while `work` runs. What `work` did not change is as it was, and the lease ends with it. */
  async whileHeld(work: () => Promise<void>): Promise<void> {
    await this.#renewing.start();
    try {
      await work();
    } finally {
      await this.#renewing.stop();
      if (this.#isHeld) await this.#options.jobs.keep(this.#job);
    }
  }

  /** Writes a change of the job at once. Resolves to whether this process still holds it; otherwise nothing is written. */
  async change(changes: Partial<BatchJob>): Promise<boolean> {
    if (!this.#isHeld) return false;
    this.#job = { ...this.#job, ...changes };
    this.#isHeld = await this.#options.jobs.keep(this.#job, { until: this.#options.clock.now() + jobLeaseMs });
    return this.#isHeld;
  }
}
