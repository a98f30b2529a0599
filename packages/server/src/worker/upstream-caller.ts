import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Failure } from '../core/failures.ts';
import type { CallEnd, KeptPart } from '../core/image-request.ts';
import { sandboxUpstream } from '../core/upstreams.ts';
import { MediaUnwritableError, UnreadablePictureError, UnsupportedPictureError } from '../media/media-errors.ts';
import type { MediaStore } from '../media/media-store.ts';
import type { ModelSpec } from '../models/model-spec.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { AnswerPart, ImageAnswer, ImageCall, ImageModel, Turn } from '../providers/image-model.ts';
import { appendToJournal, type CallName, type JournalEntry, type SpooledAnswer } from '../recovery/journal.ts';
import { keepAnswer, toPortable } from '../recovery/keep-answer.ts';
import type { Claim, RequestStore } from '../store/request-store.ts';

export interface UpstreamCallerOptions {
  readonly store: RequestStore;
  /** By the name of the upstream. */
  readonly models: ReadonlyMap<string, ImageModel>;
  readonly media: MediaStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Call {
  readonly claim: Claim;
  readonly model: ModelSpec;
  readonly turns: readonly Turn[];
  /** The turns that had to stay behind. */
  readonly leftOutTurns?: readonly number[];
  /** How many pictures had to be made smaller. */
  readonly reducedPictures?: number;
  readonly imageIndex: number;
  /** The attempt's folder of the spool. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Makes one upstream call of an attempt, from the line in the log to the stored pictures. */
export class UpstreamCaller {
  readonly #options: UpstreamCallerOptions;

  constructor(options: UpstreamCallerOptions) {
    this.#options = options;
  }

  /**
   * Resolves to how the call ended, or to `undefined` when nothing was sent: the lease is gone, the log could not be
   * written, or `signal` aborted. Never rejects.
   *
   * What it stores stands in the journal of the attempt's folder before it does, and how it ended before that is told:
   * whoever clears the folder once the end is recorded leaves no orphan, also when this process is killed in between.
   */
  async call(call: Call): Promise<CallEnd | undefined> {
    if (call.signal.aborted) return undefined;
    const model = this.#options.models.get(call.claim.upstream);
    if (!model) return this.#toBroken(call, new Error('The call was granted on an upstream that is not there'));
    const spoolFolder = await this.#makeFolder(call);
    if (spoolFolder === undefined || !(await this.#begin(call))) return undefined;
    return this.#finish(call, () => model.generate(toImageCall(call, spoolFolder), call.signal));
  }

  /** Before the line says that something was sent: a full disk must not look like a call that may have been billed. */
  async #makeFolder(call: Call): Promise<string | undefined> {
    const { clock, logger } = this.#options;
    const folder = path.join(call.folder, `image-${call.imageIndex}`);
    try {
      await mkdir(folder);
      return folder;
    } catch (error) {
      logger.error({ event: 'call.unprepared', ...describe(call), err: error });
      // Given back, it is claimed again at once.
      await clock.sleep(fullDiskPauseMs, call.signal);
      return undefined;
    }
  }

  async #begin(call: Call): Promise<boolean> {
    const { store, clock, logger } = this.#options;
    try {
      const isHeld = await store.beginCalls(call.claim.lease, { imageIndexes: [call.imageIndex], now: clock.now() });
      logger.debug({ event: isHeld ? 'call.sent' : 'call.needless', ...describe(call) });
      return isHeld;
    } catch (error) {
      logger.error({ event: 'call.unlogged', ...describe(call), err: error });
      return false;
    }
  }

  async #finish(call: Call, generate: () => Promise<ImageAnswer>): Promise<CallEnd> {
    try {
      const end = await this.#end(call, await generate());
      const { result, failure } = end;
      this.#options.logger.debug({ event: 'call.ended', ...describe(call), result, code: failure?.code });
      return end;
    } catch (error) {
      return { ...this.#toBroken(call, error), isPossiblyBilled: true };
    }
  }

  #toBroken(call: Call, error: unknown): CallEnd {
    const { logger, clock } = this.#options;
    logger.error({ event: 'call.broken', ...describe(call), err: error });
    return toFailedEnd({ imageIndex: call.imageIndex, failure: defect, endedAt: clock.now() });
  }

  async #end(call: Call, answer: ImageAnswer): Promise<CallEnd> {
    const { imageIndex } = call;
    const endedAt = this.#options.clock.now();
    if (answer.kind === 'interrupted') {
      return { imageIndex, endedAt, result: 'interrupted', costMicros: 0, isPossiblyBilled: answer.possiblyBilled };
    }
    const { usage, modelVersion, responseId } = answer;
    const facts = {
      imageIndex,
      costMicros: toCallCost(call, answer),
      ...(usage && { usage }),
      ...(modelVersion && { modelVersion }),
      ...(responseId && { responseId }),
    };
    const isUnpriced = usage === undefined && (answer.kind === 'pictures' || answer.possiblyBilled);
    if (answer.kind === 'failed') {
      return { ...facts, endedAt, result: 'failed', failure: answer.failure, isPossiblyBilled: isUnpriced };
    }
    const end: CallEnd = { ...facts, endedAt, result: 'succeeded', isPossiblyBilled: isUnpriced };
    return this.#keep(call, end, toSpooledAnswer(call, answer.parts));
  }

  /** The answer is stored whole, or nothing of it. From here to the write of its end a killed process loses nothing. */
  async #keep(call: Call, end: CallEnd, answer: SpooledAnswer): Promise<CallEnd> {
    const { media } = this.#options;
    const { folder, claim } = call;
    await this.#note(call, { kind: 'answered', lease: claim.lease, end, answer: toPortable(answer, folder) });
    const storing = (keep: () => Promise<KeptPart>) => this.#keepPatiently(call, keep);
    const kept = await keepAnswer(answer, { media, folder, owner: toOwner(call), storing }).then(
      (keptAnswer): Partial<CallEnd> => ({ answer: keptAnswer }),
      (error): Partial<CallEnd> => ({ result: 'failed', failure: this.#toKeepFailure(call, error) }),
    );
    const ended = { ...end, ...kept, endedAt: this.#options.clock.now() };
    await this.#note(call, { kind: 'ended', lease: claim.lease, end: ended });
    return ended;
  }

  #toKeepFailure(call: Call, error: unknown): Failure {
    if (error instanceof UnsupportedPictureError)
      return { code: 'upstream_picture_unsupported', message: error.message };
    if (error instanceof UnreadablePictureError) return { code: 'upstream_answer_invalid', message: error.message };
    if (!(error instanceof MediaUnwritableError)) throw error;
    this.#options.logger.error({ event: 'media.unwritable', ...describe(call), err: error });
    return { code: 'media_unwritable', message: 'The picture was made and could not be stored.' };
  }

  /**
   * The picture is paid for: a storage that stumbles gets minutes before it is given up. At shutdown it gets one more try,
   * at once, and then the call ends as failed: a stop has to end, and so the exact cost is recorded and the request goes on
   * at another worker. (Who is killed while waiting loses nothing: the next process finds the answer in the journal.)
   */
  async #keepPatiently<T>({ signal }: Call, keep: () => Promise<T>): Promise<T> {
    let waitedMs = 0;
    for (let tries = 0; ; tries += 1) {
      try {
        return await keep();
      } catch (error) {
        const pauseMs = firstPausesMs[tries] ?? laterPauseMs;
        waitedMs += pauseMs;
        if (!(error instanceof MediaUnwritableError) || signal.aborted || waitedMs > patienceMs) throw error;
        await this.#options.clock.sleep(pauseMs, signal);
      }
    }
  }

  /** When the disk refuses it, all goes on: it is read only when the process is killed in the next moments. */
  async #note(call: Call, entry: JournalEntry): Promise<void> {
    const { logger } = this.#options;
    await appendToJournal(call.folder, entry).catch((error: unknown) => {
      logger.warn({ event: 'call.unnoted', ...describe(call), err: error });
    });
  }
}

/** The worker rests when its disk is nearly full; this is for a disk that fills up faster than it looks. */
export const fullDiskPauseMs = 5_000;
const firstPausesMs = [500, 2_000, 5_000];
const laterPauseMs = 10_000;
const patienceMs = 300_000;

/** A picture that nobody has counted has its estimated price, beside the word that this is not sure. The sandbox costs nothing. */
function toCallCost({ claim, model }: Call, { kind, usage }: Exclude<ImageAnswer, { kind: 'interrupted' }>) {
  if (claim.upstream === sandboxUpstream) return 0;
  if (usage) return model.cost(usage);
  return kind === 'pictures' ? model.price({ ...claim.order, images: 1 }) : 0;
}

function toImageCall({ claim, model, turns }: Call, spoolFolder: string): ImageCall {
  const timeoutMs = model.timeoutMs(claim.order);
  return { upstreamModel: model.upstreamId, turns, parameters: claim.order.parameters, spoolFolder, timeoutMs };
}

function toSpooledAnswer(call: Call, parts: readonly AnswerPart[]): SpooledAnswer {
  const { order } = call.claim;
  const pixels = call.model.pixels(order);
  const { leftOutTurns, reducedPictures } = call;
  return {
    parts,
    asked: { format: order.format, ...(pixels && { pixels }) },
    ...(leftOutTurns && { leftOutTurns }),
    ...(reducedPictures && { reducedPictures }),
  };
}

function toOwner({ claim, imageIndex }: Call): CallName {
  return { requestId: claim.request.id, attempt: claim.lease.attempt, imageIndex };
}

function describe(call: Call): Record<string, unknown> {
  const { requestId, attempt, imageIndex } = toOwner(call);
  return { request_id: requestId, attempt, image: imageIndex, upstream: call.claim.upstream };
}

/** What a caller is told of a defect. */
export const defect: Failure = { code: 'internal_error', message: 'Darkroom failed inside; its log says more.' };

export function toFailedEnd(end: {
  readonly imageIndex: number;
  readonly failure: Failure;
  readonly endedAt: number;
}): CallEnd {
  return { ...end, result: 'failed', costMicros: 0, isPossiblyBilled: false };
}
