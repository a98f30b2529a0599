import path from 'node:path';
import { appearsWithinMs, toLookPauseMs } from '../../core/batch-jobs.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Service } from '../../platform/service.ts';
import { UnderWay } from '../../platform/under-way.ts';
import { createWakeLoop, type WakeLoop } from '../../platform/wake-loop.ts';
import type { BatchModel, EndedBatch, NamedJob } from '../../providers/batch-model.ts';
import { UnreadAnswersError } from '../../providers/batch-model.ts';
import type { SpoolFolder } from '../../recovery/spool-folder.ts';
import type { BatchedCall, BatchJobStore, HeldJob } from '../../store/batch-job-store.ts';
import { JobHolder, type JobHolderOptions, jobLeaseMs } from './held-job.ts';
import type { JobAnswers } from './job-answers.ts';
import { toLeaveAt, toRefused, unsentCall } from './job-maker.ts';
import { JobSettler, type JobSettlerOptions } from './job-settler.ts';

export interface JobKeeperOptions extends JobHolderOptions, JobSettlerOptions {
  readonly jobs: BatchJobStore;
  /** By the name of the upstream. */
  readonly batches: ReadonlyMap<string, BatchModel>;
  readonly answers: JobAnswers;
  readonly openFolder: (path: string) => SpoolFolder;
  readonly spoolFolder: string;
  readonly drainMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

const pollMs = 1_000;
/** Jobs that one process looks at, at the same time. */
const keptAtOnce = 4;
const forgetAfterMs = 7 * 24 * 3_600_000;
const forgetLimit = 100;

/**
 * Looks at the jobs of all processes when they are due, until their calls have ended: finds those whose making had no answer, asks
 * how the others are doing, takes their answers, and has them cancelled when nobody waits for them any more.
 */
export class JobKeeper implements Service {
  readonly #options: JobKeeperOptions;
  readonly #underWay = new UnderWay('The worker shuts down');
  readonly #loop: WakeLoop;
  #forgottenAt = 0;

  constructor(options: JobKeeperOptions) {
    this.#options = options;
    const { clock, logger } = options;
    const work = () => this.#take();
    this.#loop = createWakeLoop({ event: 'batch.unkept', work, longestPauseMs: pollMs, clock, logger });
  }

  start(): Promise<void> {
    return this.#loop.start();
  }

  async stop(): Promise<void> {
    const { drainMs, clock } = this.#options;
    await this.#loop.stop();
    await this.#underWay.drain({ ms: drainMs, clock });
  }

  /** Leaves the jobs as they are, when a stop must not wait for them: the next process continues. */
  handBack(): void {
    this.#underWay.cutOff();
  }

  async #take(): Promise<number> {
    const { jobs, batches, clock } = this.#options;
    const now = clock.now();
    await this.#forget(now);
    const limit = keptAtOnce - this.#underWay.size;
    if (limit <= 0 || batches.size === 0) return pollMs;
    const taken = await jobs.take({ upstreams: [...batches.keys()], limit, now, leaseMs: jobLeaseMs });
    for (const job of taken) this.#keep(job);
    return pollMs;
  }

  async #forget(now: number): Promise<void> {
    if (now - this.#forgottenAt < 60 * pollMs) return;
    this.#forgottenAt = now;
    await this.#options.jobs.forget({ before: now - forgetAfterMs, limit: forgetLimit });
  }

  #keep(job: HeldJob): void {
    const { logger } = this.#options;
    const holder = new JobHolder(job, this.#options);
    const keeping = holder
      .whileHeld(() => this.#look(holder))
      .catch((error: unknown) => logger.error({ event: 'batch.unkept', batch: job.id, err: error }));
    this.#underWay.add(keeping, () => this.#loop.wake());
  }

  async #look(holder: JobHolder): Promise<void> {
    const { jobs, spoolFolder, openFolder, clock } = this.#options;
    const now = clock.now();
    // Should this process be killed, or throw, the job is looked at again after a while, and not at once.
    if (!(await holder.change({ nextAt: now + toLookPauseMs(holder.job, now) }))) return;
    const all = await jobs.openCalls(holder.job.id);
    await new JobSettler(holder.job, all, this.#options).settleEnded(this.#underWay.signal);
    const calls = all.filter(({ hasEnded }) => !hasEnded);
    const folder = openFolder(path.join(spoolFolder, `batch-${holder.job.id}`));
    await folder.create();
    try {
      const { upstreamName } = holder.job;
      if (upstreamName === undefined) await this.#find(holder, calls, folder);
      else await this.#ask({ ...holder.job, upstreamName }, { holder, calls, folder });
    } finally {
      await folder.clear();
    }
  }

  /** The answer to the call that made the job was lost, if the call was made. */
  async #find(holder: JobHolder, calls: readonly BatchedCall[], folder: SpoolFolder): Promise<void> {
    const { clock, logger } = this.#options;
    const { id, sentAt } = holder.job;
    if (sentAt === undefined) return this.#endUnmade(holder, calls);
    const found = await this.#getBatches(holder).find(id, { folder: folder.path, signal: this.#underWay.signal });
    switch (found.kind) {
      case 'found':
        logger.info({ event: 'batch.found', batch: id });
        await holder.change({ upstreamName: found.upstreamName, state: 'pending', failure: undefined });
        return;
      case 'failed':
        await holder.change({ failure: found.failure });
        return;
      case 'missing':
        if (clock.now() >= sentAt + appearsWithinMs) await this.#endUnmade(holder, calls);
    }
  }

  /** The upstream does not have it, so that nothing can be paid for it. */
  async #endUnmade(holder: JobHolder, calls: readonly BatchedCall[]): Promise<void> {
    this.#options.logger.warn({ event: 'batch.missing', batch: holder.job.id });
    await new JobSettler(holder.job, calls, this.#options).endRest(unsentCall, this.#underWay.signal);
    await holder.change({ state: 'missing', endedAt: this.#options.clock.now() });
  }

  async #ask(job: NamedJob, { holder, calls, folder }: Looking): Promise<void> {
    const { signal } = this.#underWay;
    await this.#cancelIfLeft(job, { holder, calls });
    const look = await this.#getBatches(holder).look(job, { folder: folder.path, signal });
    switch (look.kind) {
      case 'waiting':
        await holder.change({ state: look.state, failure: undefined });
        return;
      case 'failed':
        if (!signal.aborted) await holder.change({ failure: look.failure });
        return;
      case 'missing': {
        const message =
          'The upstream does not have the batch job any more; its answers, which may have been billed, are lost.';
        const failure = { code: 'upstream_answer_lost', message } as const;
        const lost = { kind: 'failed', failure, isPossiblyBilled: true } as const;
        await new JobSettler(holder.job, calls, this.#options).endRest(lost, signal);
        await this.#end(holder, { state: 'missing', failure });
        return;
      }
      case 'ended':
        await this.#takeAnswers(look, { holder, calls, folder });
    }
  }

  /** Nobody waits for it any more, or somebody has to be served in a dearer tier: no call is made twice after the job's end. */
  async #cancelIfLeft(job: NamedJob, { holder, calls }: Omit<Looking, 'folder'>): Promise<void> {
    const { clock, logger } = this.#options;
    if (holder.job.cancelledAt !== undefined || !(await this.#isToBeLeft(holder, calls))) return;
    const failure = await this.#getBatches(holder).cancel(job.upstreamName, this.#underWay.signal);
    logger.info({ event: 'batch.left', batch: job.id, code: failure?.code });
    await holder.change(failure ? { failure } : { cancelledAt: clock.now() });
  }

  async #isToBeLeft(holder: JobHolder, calls: readonly BatchedCall[]): Promise<boolean> {
    const { jobs, clock } = this.#options;
    const held = calls.filter(({ isHeld }) => isHeld);
    if (held.length === 0) return calls.length > 0;
    const now = clock.now();
    if (holder.job.leaveAt === undefined || now < holder.job.leaveAt) return false;
    const ids = [...new Set(held.map(({ lease }) => lease.requestId))];
    const claims = (await Promise.all(ids.map((id) => jobs.findClaim(id)))).filter((claim) => claim !== undefined);
    const leaveAt = toLeaveAt(claims.map(({ request, order }) => ({ ...request, order })));
    if (leaveAt !== undefined && leaveAt <= now) return true;
    await holder.change({ leaveAt });
    return false;
  }

  async #takeAnswers(ended: EndedBatch, { holder, calls, folder }: Looking): Promise<void> {
    const { answers, logger } = this.#options;
    const { signal } = this.#underWay;
    const settler = new JobSettler(holder.job, calls, this.#options);
    try {
      await answers.take(ended, { job: holder.job, settler, folder, signal });
    } catch (error) {
      if (!(error instanceof UnreadAnswersError)) throw error;
      logger.warn({ event: 'batch.unread', batch: holder.job.id, message: error.message });
      if (!signal.aborted) await holder.change({ failure: error.failure });
      return;
    }
    // What is not ended now is ended by the next process, which asks the upstream again.
    if (signal.aborted) return;
    await settler.endRest(ended.state === 'failed' ? toRefused(ended.rest.failure, holder.job) : ended.rest, signal);
    await ended.remove(signal);
    await this.#end(holder, { state: ended.state, failure: ended.state === 'failed' ? ended.rest.failure : undefined });
  }

  async #end(holder: JobHolder, changes: Pick<HeldJob, 'state' | 'failure'>): Promise<void> {
    const { clock, logger } = this.#options;
    logger.info({ event: 'batch.ended', batch: holder.job.id, state: changes.state });
    await holder.change({ ...changes, endedAt: clock.now() });
  }

  #getBatches({ job: { upstream } }: JobHolder): BatchModel {
    const batches = this.#options.batches.get(upstream);
    if (!batches) throw new Error(`The upstream ${upstream} has no batch jobs.`);
    return batches;
  }
}

interface Looking {
  readonly holder: JobHolder;
  readonly calls: readonly BatchedCall[];
  readonly folder: SpoolFolder;
}
