import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { toPixels } from '@darkroom/protocol';
import type { CatalogueModel } from '../core/catalogue.ts';
import type { Failure } from '../core/failures.ts';
import type { CallEnd, KeptAnswer, KeptPart } from '../core/image-request.ts';
import type { Order } from '../core/order.ts';
import { toCost } from '../core/pricing.ts';
import { MediaUnwritableError, UnreadablePictureError } from '../media/media-errors.ts';
import type { MediaStore } from '../media/media-store.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Semaphore } from '../platform/semaphore.ts';
import type { AnswerPart, ImageAnswer, ImageModel, Turn } from '../providers/image-model.ts';
import type { Claim, RequestStore } from '../store/request-store.ts';

export interface UpstreamCallerOptions {
  readonly store: RequestStore;
  readonly model: ImageModel;
  readonly media: MediaStore;
  /** One permit a call. */
  readonly permits: Semaphore;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Call {
  readonly claim: Claim;
  readonly model: CatalogueModel;
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
   */
  call(call: Call): Promise<CallEnd | undefined> {
    return this.#options.permits.run(async () => {
      if (call.signal.aborted || !(await this.#begin(call))) return undefined;
      const { logger, clock } = this.#options;
      try {
        const end = await this.#end(call, await this.#generate(call));
        logger.debug({ event: 'call.ended', ...name(call), result: end.result, code: end.failure?.code });
        return end;
      } catch (error) {
        logger.error({ event: 'call.broken', ...name(call), err: error });
        const end = toFailedEnd({ imageIndex: call.imageIndex, failure: defect, endedAt: clock.now() });
        return { ...end, isPossiblyBilled: true };
      }
    });
  }

  async #begin(call: Call): Promise<boolean> {
    const { store, clock, logger } = this.#options;
    try {
      const isHeld = await store.beginCalls(call.claim.lease, { imageIndexes: [call.imageIndex], now: clock.now() });
      logger.debug({ event: isHeld ? 'call.sent' : 'lease.lost', ...name(call) });
      return isHeld;
    } catch (error) {
      logger.error({ event: 'call.unlogged', ...name(call), err: error });
      return false;
    }
  }

  async #generate({ claim, model, turns, imageIndex, folder, signal }: Call): Promise<ImageAnswer> {
    const spoolFolder = path.join(folder, `image-${imageIndex}`);
    await mkdir(spoolFolder);
    return this.#options.model.generate(
      {
        upstreamModel: model.upstreamId,
        turns,
        imageSize: claim.order.imageSize,
        aspectRatio: claim.order.aspectRatio,
        spoolFolder,
        timeoutMs: toTimeout(claim.order, turns),
      },
      signal,
    );
  }

  async #end(call: Call, answer: ImageAnswer): Promise<CallEnd> {
    const { imageIndex, model } = call;
    const endedAt = this.#options.clock.now();
    if (answer.kind === 'interrupted') {
      return { imageIndex, endedAt, result: 'interrupted', costMicros: 0, isPossiblyBilled: answer.possiblyBilled };
    }
    const { usage, modelVersion, responseId } = answer;
    const facts = {
      imageIndex,
      costMicros: usage ? toCost(model.prices, usage) : 0,
      ...(usage && { usage }),
      ...(modelVersion && { modelVersion }),
      ...(responseId && { responseId }),
    };
    const isUnpriced = usage === undefined && (answer.kind === 'pictures' || answer.possiblyBilled);
    if (answer.kind === 'failed') {
      return { ...facts, endedAt, result: 'failed', failure: answer.failure, isPossiblyBilled: isUnpriced };
    }
    const kept = await this.#keep(call, answer.parts);
    const ended = { ...facts, endedAt: this.#options.clock.now(), isPossiblyBilled: isUnpriced };
    if ('failure' in kept) return { ...ended, result: 'failed', failure: kept.failure };
    return { ...ended, result: 'succeeded', answer: kept.answer };
  }

  async #keep(
    call: Call,
    parts: readonly AnswerPart[],
  ): Promise<{ readonly answer: KeptAnswer } | { readonly failure: Failure }> {
    try {
      const kept: KeptPart[] = [];
      for (const part of parts) kept.push(await this.#keepPatiently(() => this.#keepPart(part, call.claim.order)));
      const { leftOutTurns, reducedPictures } = call;
      return {
        answer: { parts: kept, ...(leftOutTurns && { leftOutTurns }), ...(reducedPictures && { reducedPictures }) },
      };
    } catch (error) {
      if (error instanceof UnreadablePictureError) {
        return { failure: { code: 'upstream_answer_invalid', message: error.message } };
      }
      if (!(error instanceof MediaUnwritableError)) throw error;
      this.#options.logger.error({ event: 'media.unwritable', ...name(call), err: error });
      return { failure: { code: 'media_unwritable', message: 'The picture was made and could not be stored.' } };
    }
  }

  async #keepPart(part: AnswerPart, { format, imageSize, aspectRatio }: Order): Promise<KeptPart> {
    const { media } = this.#options;
    if (part.kind === 'picture') {
      return { kind: 'picture', picture: await media.keep(part, { format, pixels: toPixels(imageSize, aspectRatio) }) };
    }
    const signatureKey = part.signature && (await media.keepSignature(part.signature));
    return { kind: 'text', text: part.text, ...(signatureKey !== undefined && { signatureKey }) };
  }

  /** The picture is paid for: a storage that stumbles gets a few seconds before the picture is given up. */
  async #keepPatiently<T>(keep: () => Promise<T>): Promise<T> {
    for (const pauseMs of [500, 2_000, 5_000]) {
      try {
        return await keep();
      } catch (error) {
        if (!(error instanceof MediaUnwritableError)) throw error;
        await this.#options.clock.sleep(pauseMs);
      }
    }
    return keep();
  }
}

function name({ claim, imageIndex }: Call): Record<string, unknown> {
  return { request_id: claim.request.id, attempt: claim.lease.attempt, image: imageIndex };
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

/** Six minutes; ten at 4K or with many references, as field reports of the upstream advise. */
function toTimeout({ imageSize }: Order, turns: readonly Turn[]): number {
  const pictures = turns.flatMap((turn) => turn.parts).filter((part) => part.kind === 'picture').length;
  return imageSize === '4K' || pictures > 6 ? 600_000 : 360_000;
}
