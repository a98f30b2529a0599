import path from 'node:path';
import type { Failure } from '../core/failures.ts';
import type { CallEnd, ImageRequest, Verdict } from '../core/image-request.ts';
import type { RetryPolicy } from '../core/retry-policy.ts';
import { type Circumstances, decideVerdict, toHopefulImages } from '../core/verdict.ts';
import type { TurnResolver } from '../media/conversation/turn-resolver.ts';
import { MediaUnreadableError } from '../media/media-errors.ts';
import type { MediaStore } from '../media/media-store.ts';
import type { ModelSpec } from '../models/model-spec.ts';
import type { ModelRegistry } from '../models/registry.ts';
import type { Moderation } from '../moderation/moderation.ts';
import type { Chance } from '../platform/chance.ts';
import type { Clock } from '../platform/clock.ts';
import { isDiskFull } from '../platform/disk-full.ts';
import type { Logger } from '../platform/logger.ts';
import { SpoolFolder } from '../recovery/spool-folder.ts';
import type { Claim, RequestStore, Settlement } from '../store/request-store.ts';
import { type Admission, admit } from './admission.ts';
import type { AttemptCourse } from './claimer.ts';
import type { FindConnection } from './connection.ts';
import { defect, fullDiskPauseMs, toFailedEnd, type UpstreamCaller } from './upstream-caller.ts';

export interface ExecutorOptions {
  readonly store: RequestStore;
  readonly media: MediaStore;
  readonly models: ModelRegistry;
  readonly turns: TurnResolver;
  readonly findConnection: FindConnection;
  readonly caller: UpstreamCaller;
  /** Missing: nobody is asked. */
  readonly moderation?: Moderation | undefined;
  readonly policyOf: (request: ImageRequest) => RetryPolicy;
  /** Every attempt has a folder in it. */
  readonly spoolFolder: string;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly logger: Logger;
}

/**
 * Takes a claimed request through one attempt: its turns into spool files, the calls that the claim was granted, the pictures
 * into the media store, one verdict, one write.
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
    const { store, media, spoolFolder, logger } = this.#options;
    const name = `${claim.request.id}-${claim.lease.attempt}`;
    const folder = new SpoolFolder(path.join(spoolFolder, name), { store, media, logger });
    let recorded: readonly CallEnd[] | undefined;
    try {
      const ends = await this.#attempt(claim, folder, course).catch((error: unknown) =>
        this.#failAll(claim, error, course.signal),
      );
      if (await this.#settle(claim, ends, course.signal)) recorded = ends;
    } finally {
      // Refused or unwritten: another process may have moved the request on, so that only the store knows what it has.
      await (recorded ? folder.removeRecorded(recorded) : folder.clear());
    }
  }

  async #attempt(claim: Claim, folder: SpoolFolder, { signal, freeSlot }: AttemptCourse): Promise<readonly CallEnd[]> {
    // A claim may come after the deadline, when nothing has looked before: then nothing is sent.
    if (this.#options.clock.now() >= claim.request.deadlineAt) return [];
    const model = this.#getModel(claim);
    const rules = this.#options.findConnection(claim.upstream, model.provider)?.turnRules;
    if (!rules) throw new Error(`There is no upstream ${claim.upstream}`);
    const admission = await this.#admit(claim, signal);
    if (signal.aborted) return [];
    if (admission.kind === 'refused') return this.#failUnsent(claim, admission.failure);
    await folder.create();
    const resolved = await this.#options.turns.resolve(claim.order.conversation, {
      organizationId: claim.request.organizationId,
      folder: folder.path,
      provider: model.provider,
      ownProvider: this.#options.models.find(claim.request.model)?.provider,
      rules,
      mask: claim.order.mask,
      isUnsigned: claim.attempts.some(({ failure }) => failure?.code === 'upstream_signature_missing'),
      signal,
    });
    if (resolved.kind === 'failed') return this.#failUnsent(claim, resolved.failure);
    const imageIndexes = this.#toHopeful(claim);
    for (const _ of claim.imageIndexes.slice(imageIndexes.length)) freeSlot();
    let underWay = 0;
    const call = async (imageIndex: number): Promise<CallEnd[]> => {
      underWay += 1;
      const end = await this.#options.caller.call({
        claim,
        model,
        resolved,
        imageIndex,
        folder,
        signal,
        flag: admission.flag,
      });
      underWay -= 1;
      // The last end is written with the verdict; the others as soon as they are there, since their pictures are paid for.
      if (end && underWay > 0) await this.#keepEnd(claim, end);
      freeSlot();
      return end ? [end] : [];
    };
    return (await Promise.all(imageIndexes.map(call))).flat();
  }

  async #admit(claim: Claim, signal: AbortSignal): Promise<Admission> {
    const { moderation } = this.#options;
    return moderation ? admit(claim, moderation, signal) : { kind: 'admitted' };
  }

  /** The model to call. */
  #getModel({ request, standIn }: Claim): ModelSpec {
    const name = standIn?.model ?? request.model;
    const model = this.#options.models.find(name);
    if (!model) throw new Error(`There is no model ${name}`);
    return model;
  }

  /** The images to call for. Calls that were granted and are not made leave the log when the attempt ends. */
  #toHopeful(claim: Claim): readonly number[] {
    const hopeful = toHopefulImages(claim, this.#toCircumstances(claim));
    const granted = claim.imageIndexes.filter((index) => hopeful.includes(index));
    // Calls were granted only for images that have no hope: they are made nevertheless, so that the next grant is for another.
    return granted.length === 0 && hopeful.length > 0 ? claim.imageIndexes : granted;
  }

  #toCircumstances({ request }: Claim): Circumstances {
    const { policyOf, clock, chance } = this.#options;
    return { policy: policyOf(request), now: clock.now(), chance };
  }

  /** Nothing was sent. Unless it is a defect, the request is given back: at shutdown, or when disk or storage may do it later. */
  async #failAll(claim: Claim, error: unknown, signal: AbortSignal): Promise<readonly CallEnd[]> {
    const { clock, logger } = this.#options;
    if (signal.aborted) return [];
    logger.error({ event: 'attempt.broken', request_id: claim.request.id, err: error });
    if (!isDiskFull(error) && !(error instanceof MediaUnreadableError)) return this.#failUnsent(claim, defect);
    // Given back, it is claimed again at once.
    await clock.sleep(fullDiskPauseMs, signal);
    return [];
  }

  /** The attempt ends without a call; its lines stay in the log nevertheless, since attempts are counted there. */
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

  /** Resolves to whether the store has written the ends and the verdict. */
  async #settle(claim: Claim, ends: readonly CallEnd[], signal: AbortSignal): Promise<boolean> {
    const { request, lease, upstream, standIn, attempts } = claim;
    const circumstances = this.#toCircumstances(claim);
    // This attempt is never forgiven, whatever the clocks say: it was made after the request was queued.
    const own = ends.map((end) => ({ ...end, upstream, standIn, startedAt: request.queuedAt }));
    const verdict = decideVerdict({ ...claim, attempts: [...attempts, ...own] }, circumstances);
    const isSettled = await this.#settlePatiently({ lease, ends, verdict, now: circumstances.now }, signal);
    const event = isSettled ? 'attempt.settled' : 'verdict.refused';
    const about = { request_id: request.id, attempt: lease.attempt, upstream, stand_in: standIn?.model };
    this.#options.logger.info({ event, ...about, ...describe(verdict) });
    return isSettled;
  }

  /**
   * Pictures that are paid for depend on this write: a store that cannot write, on a full disk for example, is asked until
   * it can. Only when the process has to go is it given up, after a few more tries.
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

function describe(verdict: Verdict): Record<string, unknown> {
  if (verdict.kind === 'retry') return { verdict: 'retry', code: verdict.code, available_at: verdict.availableAt };
  return verdict.kind === 'fail' ? { verdict: 'fail', code: verdict.outcome.failure.code } : { verdict: verdict.kind };
}
