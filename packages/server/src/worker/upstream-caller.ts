import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type ImageOutputFormat, originalFormat } from '@darkroom/protocol';
import type { Failure } from '../core/failures.ts';
import type { CallEnd, KeptPart } from '../core/image-request.ts';
import type { ModerationFlag } from '../core/moderation-flag.ts';
import type { Order } from '../core/order.ts';
import { sandboxUpstream } from '../core/upstreams.ts';
import type { ResolvedTurns } from '../media/conversation/turn-resolver.ts';
import { MediaUnwritableError, UnreadablePictureError, UnsupportedPictureError } from '../media/media-errors.ts';
import type { ModelSpec } from '../models/model-spec.ts';
import type { Moderation } from '../moderation/moderation.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { AnswerPart, ImageAnswer, ImageCall, PictureFile } from '../providers/image-model.ts';
import type { AnsweredCall } from '../recovery/journal.ts';
import type { SpoolFolder } from '../recovery/spool-folder.ts';
import type { Claim, RequestStore } from '../store/request-store.ts';
import type { FindConnection } from './connection.ts';
import { checkPictures, type PictureCheck } from './picture-check.ts';

export interface UpstreamCallerOptions {
  readonly store: RequestStore;
  readonly findConnection: FindConnection;
  /** Missing: nobody is asked. */
  readonly moderation?: Moderation | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One call of an attempt: its place in it, and what all calls of the attempt share. */
export interface Call {
  readonly imageIndex: number;
  readonly claim: Claim;
  readonly model: ModelSpec;
  readonly resolved: Extract<ResolvedTurns, { readonly kind: 'turns' }>;
  readonly folder: SpoolFolder;
  readonly signal: AbortSignal;
  /** What the moderation said when it let the request pass with a flag. */
  readonly flag?: string | undefined;
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
   * The journal of the attempt's folder has what is stored before it is stored, and how the call ended before this resolves:
   * a process that is killed in between leaves no orphan and loses no answer.
   */
  async call(call: Call): Promise<CallEnd | undefined> {
    if (call.signal.aborted) return undefined;
    const connection = this.#options.findConnection(call.claim.upstream, call.model.provider);
    if (!connection) return this.#toBroken(call, new Error('The call was granted on an upstream that is not there'));
    const spoolFolder = await this.#makeFolder(call);
    if (spoolFolder === undefined || !(await this.#begin(call))) return undefined;
    return this.#finish(call, () => connection.model.generate(toImageCall(call, spoolFolder), call.signal));
  }

  /** Before the line says that something was sent: a full disk must not look like a call that may have been billed. */
  async #makeFolder(call: Call): Promise<string | undefined> {
    const { clock, logger } = this.#options;
    const folder = path.join(call.folder.path, `image-${call.imageIndex}`);
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
      const end = toFlagged(await this.#end(call, await generate()), call.flag);
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
      return { imageIndex, endedAt, result: 'interrupted', costMicros: 0, isPossiblyBilled: answer.isPossiblyBilled };
    }
    const { usage, modelVersion, responseId, serviceTier } = answer;
    const facts = {
      imageIndex,
      costMicros: toCallCost(call, answer),
      ...(usage && { usage }),
      ...(modelVersion && { modelVersion }),
      ...(responseId && { responseId }),
      ...(serviceTier && { serviceTier }),
    };
    const isUnpriced =
      usage === undefined && !call.model.prices.isFlat && (answer.kind === 'pictures' || answer.isPossiblyBilled);
    if (answer.kind === 'failed') {
      return { ...facts, endedAt, result: 'failed', failure: answer.failure, isPossiblyBilled: isUnpriced };
    }
    const check = await this.#checkPictures(call, answer.parts);
    if (check.kind === 'refused')
      return { ...facts, endedAt, result: 'failed', failure: check.failure, isPossiblyBilled: isUnpriced };
    const end: CallEnd = { ...facts, endedAt, result: 'succeeded', isPossiblyBilled: isUnpriced };
    return this.#keep(call, { lease: call.claim.lease, end, answer: toWholeAnswer(call, answer, check.flags) });
  }

  /**
   * Before the journal has the answer: from then on it is stored and served, by another process if need be. An answer that is lost
   * while the moderation is asked is a lost answer like any other.
   */
  async #checkPictures({ claim, imageIndex, signal }: Call, parts: readonly AnswerPart[]): Promise<PictureCheck> {
    const { moderation, clock } = this.#options;
    const ask = moderation?.askAboutPicture;
    if (!ask) return { kind: 'passed', flags: [] };
    const { request, order } = claim;
    const pictures = parts.flatMap((part) =>
      part.kind === 'picture' ? [{ request, order, imageIndex, file: part.file, mimeType: part.declaredMimeType }] : [],
    );
    return checkPictures(pictures, { ask, clock, signal });
  }

  /** The answer is stored whole, or nothing of it. */
  async #keep(call: Call, answered: AnsweredCall): Promise<CallEnd> {
    const { folder } = call;
    const { lease, end } = answered;
    const kept = await folder
      .keepAnswer(answered, (keep) => this.#keepPatiently(call, keep))
      .then(
        (answer): Partial<CallEnd> => ({ answer }),
        (error): Partial<CallEnd> => ({ result: 'failed', failure: this.#toKeepFailure(call, error) }),
      );
    const ended = { ...end, ...kept, endedAt: this.#options.clock.now() };
    await folder.noteEnd(lease, ended);
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
   * The picture is paid for: a storage in trouble gets minutes before it is given up. At shutdown it gets one more try at
   * once, and then the call ends as failed: a stop has to end, the exact cost is recorded, and the request goes on
   * at another worker. (A process that is killed while it waits loses nothing: the next one finds the answer in the journal.)
   */
  async #keepPatiently({ signal }: Call, keep: () => Promise<KeptPart>): Promise<KeptPart> {
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
}

/** The worker rests when its disk is nearly full; this is for a disk that fills up faster than that is noticed. */
export const fullDiskPauseMs = 5_000;
const firstPausesMs = [500, 2_000, 5_000];
const laterPauseMs = 10_000;
const patienceMs = 300_000;

/**
 * By the tier that the upstream says it used: it may have used another than it was asked for. A picture that came without a count
 * costs what was estimated, and is marked as possibly billed, unless its price is fixed. The sandbox costs nothing.
 */
function toCallCost({ claim, model }: Call, answer: Exclude<ImageAnswer, { kind: 'interrupted' }>) {
  const { kind, usage, grounding, serviceTier = claim.tier } = answer;
  if (claim.upstream === sandboxUpstream) return 0;
  if (usage && !model.prices.isFlat)
    return model.cost(usage, { searches: grounding?.queries.length ?? 0, tier: serviceTier });
  return kind === 'pictures' ? model.price({ ...claim.order, images: 1 }, serviceTier) : 0;
}

function toImageCall({ claim: { order, tier }, model, imageIndex, resolved }: Call, spoolFolder: string): ImageCall {
  const { turns, maskedPixels } = resolved;
  const parameters = maskedPixels ? model.fit(order, maskedPixels) : order.parameters;
  const pixels = model.pixels({ ...order, parameters });
  const format = toDrawnFormat(order);
  const mask = model.takesMask ? toGuide(resolved) : undefined;
  return {
    upstreamModel: model.upstreamId,
    turns,
    parameters,
    ...(pixels && { pixels }),
    ...(format && { format }),
    ...(mask && { mask }),
    imageIndex,
    spoolFolder,
    serviceTier: tier,
    timeoutMs: model.timeoutMs(order, tier),
  };
}

/** A picture that is encoded afterwards anyway is asked for without loss. */
function toDrawnFormat({ format, quality, mask }: Order): ImageOutputFormat | undefined {
  if (format === originalFormat) return undefined;
  return quality === undefined && mask === undefined ? format : 'png';
}

/** The mask, unless its picture may have been made smaller. */
function toGuide({ masked, maskType, reducedPictures = 0 }: Call['resolved']): PictureFile | undefined {
  return masked && maskType !== undefined && reducedPictures === 0
    ? { file: masked.mask, mimeType: maskType }
    : undefined;
}

function toWholeAnswer(
  { claim: { order }, model, resolved, flag }: Call,
  { parts, grounding }: Pick<Extract<ImageAnswer, { kind: 'pictures' }>, 'parts' | 'grounding'>,
  pictureFlags: readonly ModerationFlag[],
): AnsweredCall['answer'] {
  const ofRequest = flag === undefined ? [] : [{ about: 'request', reason: flag } as const];
  const flags = [...ofRequest, ...pictureFlags];
  const pixels = model.pixels(order);
  const { leftOutTurns, reducedPictures } = resolved;
  return {
    parts,
    provider: model.provider,
    ...(grounding && { grounding }),
    asked: {
      format: order.format,
      ...(order.quality !== undefined && { quality: order.quality }),
      ...(resolved.masked && { masked: resolved.masked }),
      ...(pixels && { pixels }),
    },
    ...(leftOutTurns && { leftOutTurns }),
    ...(reducedPictures && { reducedPictures }),
    ...(flags.length > 0 && { moderationFlags: flags }),
  };
}

/** The log of the attempt keeps the flag of the request with what became of the call. */
function toFlagged(end: CallEnd, flag: string | undefined): CallEnd {
  return end.failure && flag !== undefined ? { ...end, failure: { ...end.failure, moderationFlag: flag } } : end;
}

function describe({ claim: { lease, upstream }, imageIndex }: Call): Record<string, unknown> {
  return { request_id: lease.requestId, attempt: lease.attempt, image: imageIndex, upstream };
}

/** What a caller is told about a defect. */
export const defect: Failure = { code: 'internal_error', message: 'Darkroom failed inside; its log says more.' };

export function toFailedEnd(end: {
  readonly imageIndex: number;
  readonly failure: Failure;
  readonly endedAt: number;
}): CallEnd {
  return { ...end, result: 'failed', costMicros: 0, isPossiblyBilled: false };
}
