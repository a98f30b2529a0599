import type { Failure } from '../core/failures.ts';
import type { CallEnd, KeptPart } from '../core/image-request.ts';
import type { ModerationFlag } from '../core/moderation-flag.ts';
import { sandboxUpstream } from '../core/upstreams.ts';
import type { ResolvedTurns } from '../media/conversation/turn-resolver.ts';
import { MediaUnwritableError, UnreadablePictureError, UnsupportedPictureError } from '../media/media-errors.ts';
import type { ModelSpec } from '../models/model-spec.ts';
import type { Moderation } from '../moderation/moderation.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { AnswerPart, ImageAnswer } from '../providers/image-model.ts';
import type { AnsweredCall } from '../recovery/journal.ts';
import type { SpoolFolder } from '../recovery/spool-folder.ts';
import type { Claim } from '../store/request-store.ts';
import { defect, toFailedEnd } from './failed-ends.ts';
import { checkPictures, type PictureCheck } from './picture-check.ts';

export interface AnswerTakerOptions {
  /** Missing: nobody is asked. */
  readonly moderation?: Moderation | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A call that was sent, as far as its end depends on it. */
export interface SentCall {
  readonly imageIndex: number;
  readonly claim: Pick<Claim, 'request' | 'order' | 'lease' | 'upstream' | 'tier'>;
  readonly model: ModelSpec;
  readonly resolved: Pick<
    Extract<ResolvedTurns, { readonly kind: 'turns' }>,
    'masked' | 'leftOutTurns' | 'reducedPictures'
  >;
  readonly folder: SpoolFolder;
  readonly signal: AbortSignal;
  /** What the moderation said when it let the request pass with a flag. */
  readonly flag?: string | undefined;
}

/** Takes the answer of a call to its end: what it cost, and its pictures into the media store. */
export class AnswerTaker {
  readonly #options: AnswerTakerOptions;

  constructor(options: AnswerTakerOptions) {
    this.#options = options;
  }

  /** Resolves to how the call ended, once its answer is stored. Never rejects; nor when `answer` does, which is a defect. */
  async take(call: SentCall, answer: () => Promise<ImageAnswer>): Promise<CallEnd> {
    try {
      const end = toFlagged(await this.#end(call, await answer()), call.flag);
      const { result, failure } = end;
      this.#options.logger.debug({ event: 'call.ended', ...describe(call), result, code: failure?.code });
      return end;
    } catch (error) {
      return { ...this.#toBroken(call, error), isPossiblyBilled: true };
    }
  }

  #toBroken(call: SentCall, error: unknown): CallEnd {
    const { logger, clock } = this.#options;
    logger.error({ event: 'call.broken', ...describe(call), err: error });
    return toFailedEnd({ imageIndex: call.imageIndex, failure: defect, endedAt: clock.now() });
  }

  async #end(call: SentCall, answer: ImageAnswer): Promise<CallEnd> {
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
  async #checkPictures({ claim, imageIndex, signal }: SentCall, parts: readonly AnswerPart[]): Promise<PictureCheck> {
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
  async #keep(call: SentCall, answered: AnsweredCall): Promise<CallEnd> {
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

  #toKeepFailure(call: SentCall, error: unknown): Failure {
    if (error instanceof UnsupportedPictureError)
      return { code: 'upstream_picture_unsupported', message: error.message };
    if (error instanceof UnreadablePictureError) return { code: 'upstream_answer_invalid', message: error.message };
    if (!(error instanceof MediaUnwritableError)) throw error;
    this.#options.logger.error({ event: 'media.unwritable', ...describe(call), err: error });
    return { code: 'media_unwritable', message: 'The picture was made but could not be stored.' };
  }

  /**
   * The picture is paid for: a storage in trouble gets minutes before it is given up. At shutdown it gets one more try at
   * once, and then the call ends as failed: a stop has to end, the exact cost is recorded, and the request goes on
   * at another worker. (A process that is killed while it waits loses nothing: the next one finds the answer in the journal.)
   */
  async #keepPatiently({ signal }: SentCall, keep: () => Promise<KeptPart>): Promise<KeptPart> {
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

const firstPausesMs = [500, 2_000, 5_000];
const laterPauseMs = 10_000;
const patienceMs = 300_000;

/**
 * By the tier that the upstream says it used: it may have used another than it was asked for. A picture that came without a count
 * costs what was estimated, and is marked as possibly billed, unless its price is fixed. The sandbox costs nothing.
 */
function toCallCost({ claim, model }: SentCall, answer: Exclude<ImageAnswer, { kind: 'interrupted' }>) {
  const { kind, usage, grounding, serviceTier = claim.tier } = answer;
  if (claim.upstream === sandboxUpstream) return 0;
  if (usage && !model.prices.isFlat)
    return model.cost(usage, { searches: grounding?.queries.length ?? 0, tier: serviceTier });
  return kind === 'pictures' ? model.price({ ...claim.order, images: 1 }, serviceTier) : 0;
}

function toWholeAnswer(
  { claim: { order }, model, resolved, flag }: SentCall,
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

function describe({ claim: { lease, upstream }, imageIndex }: SentCall): Record<string, unknown> {
  return { request_id: lease.requestId, attempt: lease.attempt, image: imageIndex, upstream };
}
