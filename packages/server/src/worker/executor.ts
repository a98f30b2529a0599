import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Failure } from '../core/failures.ts';
import type { CallEnd, Verdict } from '../core/image-request.ts';
import type { RetryPolicy } from '../core/retry-policy.ts';
import { decideVerdict, toHopefulImages } from '../core/verdict.ts';
import type { TurnResolver } from '../media/conversation/turn-resolver.ts';
import { MediaUnreadableError } from '../media/media-errors.ts';
import type { MediaStore } from '../media/media-store.ts';
import type { ModelSpec } from '../models/model-spec.ts';
import type { ModelRegistry } from '../models/registry.ts';
import type { Chance } from '../platform/chance.ts';
import type { Clock } from '../platform/clock.ts';
import { isDiskFull } from '../platform/disk-full.ts';
import type { Logger } from '../platform/logger.ts';
import { retireFolder } from '../recovery/retire-folder.ts';
import type { Claim, RequestStore, Settlement } from '../store/request-store.ts';
import type { AttemptCourse } from './claimer.ts';
import { defect, fullDiskPauseMs, toFailedEnd, type UpstreamCaller } from './upstream-caller.ts';

export interface ExecutorOptions {
  readonly store: RequestStore;
  readonly media: MediaStore;
  readonly models: ModelRegistry;
  readonly turns: TurnResolver;
  readonly caller: UpstreamCaller;
  readonly policy: RetryPolicy;
  /** Every attempt has a folder of its own in it. */
  readonly spoolFolder: string;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly logger: Logger;
}

/**
 * The room of the work. The executor takes a claimed request through one attempt: its turns into spool files, the calls
 * that the claim was granted, the pictures into the media store, one verdict, one write.
 */
export class Executor {
  readonly #options: ExecutorOptions;

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the attempt has ended and nothing of it is left in the spool. The course's signal ends it early: what
   * is not done by then is given back without blame.
   */
  async execute(claim: Claim, course: AttemptCourse): Promise<void> {
    const { id } = claim.request;
    const folder = path.join(this.#options.spoolFolder, `${id}-${claim.lease.attempt}`);
    try {
      const ends = await this.#attempt(claim, folder, course).catch((error: unknown) =>
        this.#failAll(claim, error, course.signal),
      );
      await this.#settle(claim, ends, course.signal);
    } finally {
      await retireFolder(folder, this.#options);
    }
  }

  async #attempt(claim: Claim, folder: string, { signal, freeSlot }: AttemptCourse): Promise<readonly CallEnd[]> {
    // A claim may come after the deadline, when nothing has looked before: then nothing is sent.
    if (this.#options.clock.now() >= claim.request.deadlineAt) return [];
    const model = this.#getModel(claim);
    await mkdir(folder, { recursive: true });
    const resolved = await this.#options.turns.resolve(claim.order.conversation, {
      organizationId: claim.request.organizationId,
      folder,
      isUnsigned: claim.attempts.some(({ failure }) => failure?.code === 'upstream_signature_missing'),
      signal,
    });
    if (resolved.kind === 'failed') return this.#failUnsent(claim, resolved.failure);
    const imageIndexes = this.#toHopeful(claim);
    for (const _ of claim.imageIndexes.slice(imageIndexes.length)) freeSlot();
    let underWay = 0;
    const call = async (imageIndex: number): Promise<CallEnd[]> => {
      underWay += 1;
      const end = await this.#options.caller.call({ ...resolved, claim, model, imageIndex, folder, signal });
      underWay -= 1;
      // The last end is written with the verdict; the others as soon as they are there, since their pictures are paid for.
      if (end && underWay > 0) await this.#keepEnd(claim, end);
      freeSlot();
      return end ? [end] : [];
    };
    return (await Promise.all(imageIndexes.map(call))).flat();
  }

  #getModel({ request }: Claim): ModelSpec {
    const model = this.#options.models.find(request.model);
    if (!model) throw new Error(`There is no model ${request.model}`);
    return model;
  }

  /** What was granted and is not called goes from the log when the attempt ends. */
  #toHopeful({ request, order, attempts, imageIndexes }: Claim): readonly number[] {
    const { policy, clock, chance } = this.#options;
    const { queuedAt, deadlineAt } = request;
    const input = { order, tries: attempts, queuedAt, deadlineAt, policy, now: clock.now(), chance };
    const hopeful = toHopefulImages(input);
    const granted = imageIndexes.filter((index) => hopeful.includes(index));
    // Granted only to those that have no hope: they are called nevertheless, so that the next grant goes to another one.
    return granted.length === 0 && hopeful.length > 0 ? imageIndexes : granted;
  }

  /** Nothing was sent. But for a defect the request is given back: at shutdown, or when disk or storage may do it later. */
  async #failAll(claim: Claim, error: unknown, signal: AbortSignal): Promise<readonly CallEnd[]> {
    const { clock, logger } = this.#options;
    if (signal.aborted) return [];
    logger.error({ event: 'attempt.broken', request_id: claim.request.id, err: error });
    if (!isDiskFull(error) && !(error instanceof MediaUnreadableError)) return this.#failUnsent(claim, defect);
    // Given back, it is claimed again at once.
    await clock.sleep(fullDiskPauseMs, signal);
    return [];
  }

  /** The attempt ends without a call; its lines stay in the log nevertheless, since tries are counted there. */
  #failUnsent({ imageIndexes }: Claim, failure: Failure): readonly CallEnd[] {
    const endedAt = this.#options.clock.now();
    return imageIndexes.map((imageIndex) => toFailedEnd({ imageIndex, failure, endedAt }));
  }

  /** When this write fails, the settlement repeats it. */
  #keepEnd(claim: Claim, end: CallEnd): Promise<void> {
    const { store, logger } = this.#options;
    return store.endCalls(claim.lease, [end]).catch((error: unknown) => {
      logger.error({ event: 'call.unrecorded', request_id: claim.request.id, err: error });
    });
  }

  async #settle(claim: Claim, ends: readonly CallEnd[], signal: AbortSignal): Promise<void> {
    const { policy, clock, chance, logger } = this.#options;
    const { order, request, lease, upstream, attempts } = claim;
    const { queuedAt, deadlineAt } = request;
    const now = clock.now();
    // This attempt is never forgiven, whatever the clocks say: it is one since the request was queued.
    const tries = [...attempts, ...ends.map((end) => ({ ...unknownFacts, ...end, upstream, startedAt: queuedAt }))];
    const verdict = decideVerdict({ order, tries, queuedAt, deadlineAt, policy, now, chance });
    const isSettled = await this.#settlePatiently({ lease, ends, verdict, now }, signal);
    const event = isSettled ? 'attempt.settled' : 'verdict.refused';
    logger.info({ event, request_id: request.id, attempt: lease.attempt, upstream, ...describe(verdict) });
  }

  /**
   * Pictures that are paid for hang on this write: a store that cannot write, on a full disk for example, is asked until
   * it can. Only when the process has to go is it given up, after a few tries more.
   */
  async #settlePatiently(settlement: Settlement, signal: AbortSignal): Promise<boolean> {
    const { store, clock, logger } = this.#options;
    let lastTries = triesAtShutdown;
    for (let pauseMs = leastPauseMs; ; pauseMs = Math.min(longestPauseMs, 2 * pauseMs)) {
      try {
        return await store.settle(settlement);
      } catch (error) {
        logger.error({ event: 'settle.failed', request_id: settlement.lease.requestId, err: error });
        if (signal.aborted) lastTries -= 1;
        if (lastTries === 0) throw error;
        await (signal.aborted ? clock.sleep(leastPauseMs) : clock.sleep(pauseMs, signal));
      }
    }
  }
}

const leastPauseMs = 1_000;
const longestPauseMs = 5_000;
const triesAtShutdown = 3;

const unknownFacts = { failure: undefined, answer: undefined, usage: undefined, modelVersion: undefined };

function describe(verdict: Verdict): Record<string, unknown> {
  if (verdict.kind === 'retry') return { verdict: 'retry', code: verdict.code, available_at: verdict.availableAt };
  return verdict.kind === 'fail' ? { verdict: 'fail', code: verdict.outcome.failure.code } : { verdict: verdict.kind };
}
