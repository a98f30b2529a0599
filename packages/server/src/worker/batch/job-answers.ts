import { rm } from 'node:fs/promises';
import type { BatchJob } from '../../core/batch-jobs.ts';
import type { CallEnd } from '../../core/image-request.ts';
import type { ModelRegistry } from '../../models/registry.ts';
import type { Clock } from '../../platform/clock.ts';
import type { EndedBatch, KeyedAnswer } from '../../providers/batch-model.ts';
import type { AnswerPart, ImageAnswer } from '../../providers/image-model.ts';
import type { SpoolFolder } from '../../recovery/spool-folder.ts';
import type { BatchedCall, BatchJobStore } from '../../store/batch-job-store.ts';
import type { ExpiredClaim } from '../../store/request-store.ts';
import type { AnswerTaker } from '../answer-taker.ts';
import { defect, toFailedEnd } from '../failed-ends.ts';
import { toCallKey } from './call-key.ts';
import type { JobSettler } from './job-settler.ts';

export interface JobAnswersOptions {
  readonly jobs: Pick<BatchJobStore, 'findClaim'>;
  readonly models: ModelRegistry;
  readonly answers: AnswerTaker;
  readonly clock: Clock;
}

export interface TakingAnswers {
  readonly job: BatchJob;
  readonly settler: JobSettler;
  /** Has the files of the answers. */
  readonly folder: SpoolFolder;
  readonly signal: AbortSignal;
}

/**
 * Takes the answers of a job as they come, each as the answer of a single call: into the media store, priced, recorded, settled. An
 * answer whose call has ended is passed over, so taking the answers of a job again is harmless.
 */
export class JobAnswers {
  readonly #options: JobAnswersOptions;

  constructor(options: JobAnswersOptions) {
    this.#options = options;
  }

  /** Resolves when every answer that came is recorded, or when the signal aborts. Rejects as the answers do. */
  async take({ answers }: Pick<EndedBatch, 'answers'>, taking: TakingAnswers): Promise<void> {
    const open = new Map(taking.settler.open.map((call) => [toCallKey(call), call]));
    if (open.size === 0) return;
    for await (const keyed of answers) {
      const call = open.get(keyed.key);
      open.delete(keyed.key);
      if (call && !taking.signal.aborted) await this.#takeOne(call, keyed, taking);
      await removeFiles(keyed.answer);
      if (taking.signal.aborted || open.size === 0) return;
    }
  }

  async #takeOne(call: BatchedCall, { answer }: KeyedAnswer, taking: TakingAnswers): Promise<void> {
    const claim = await this.#options.jobs.findClaim(call.lease.requestId);
    if (!claim) return;
    const end = await this.#toEnd(call, answer, { ...taking, claim });
    await taking.settler.end(call, end, { claim, signal: taking.signal });
  }

  #toEnd(
    { lease, imageIndex, facts }: BatchedCall,
    answer: ImageAnswer,
    { claim: { request, order }, job, folder, signal }: TakingAnswers & { readonly claim: ExpiredClaim },
  ): Promise<CallEnd> | CallEnd {
    const { models, answers, clock } = this.#options;
    const model = models.find(request.model);
    if (!model)
      return { ...toFailedEnd({ imageIndex, failure: defect, endedAt: clock.now() }), isPossiblyBilled: true };
    const claim = { request, order, lease, upstream: job.upstream, tier: 'batch' } as const;
    const call = { imageIndex, claim, model, resolved: facts, folder, signal, flag: facts.flag };
    return answers.take(call, async () => answer);
  }
}

async function removeFiles(answer: ImageAnswer): Promise<void> {
  if (answer.kind !== 'pictures') return;
  for (const path of answer.parts.flatMap(toPaths)) await rm(path, { force: true });
}

function toPaths(part: AnswerPart): readonly string[] {
  const signature = part.signature ? [part.signature.path] : [];
  return part.kind === 'picture' ? [part.file.path, ...signature] : signature;
}
