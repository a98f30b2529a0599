import type { Failure } from '../../../core/failures.ts';
import type { ImageRequest } from '../../../core/image-request.ts';
import { isEnded } from '../../../core/lifecycle.ts';
import { Problem } from '../../../core/problem.ts';
import type { JsonAnswer } from '../../../http/json-answer.ts';
import { type GoogleError, toGoogleFailure } from '../../google-errors.ts';

/**
 * The answer about a request without pictures. What the model itself said is an answer, as Google gives it: a blocked prompt, a
 * refusal, no picture. Everything else is an error.
 */
export function toFailedAnswer({ id, model, status, outcome }: ImageRequest): JsonAnswer {
  if (!isEnded(status)) throw createStillMaking();
  const failure = outcome?.kind === 'failure' ? outcome.failure : undefined;
  if (!failure)
    return toErrorAnswer({ code: 499, message: 'The request was cancelled.', status: 'CANCELLED', details: [] });
  const facts = { modelVersion: model, responseId: id };
  if (failure.code === 'prompt_blocked')
    return { status: 200, body: { promptFeedback: toFeedback(failure), ...facts } };
  if (toReason(failure) === undefined) return toErrorAnswer(toGoogleFailure(failure));
  return { status: 200, body: { candidates: [{ ...toFinish(failure), index: 0 }], ...facts } };
}

/** A candidate without a picture, which says why there is none. */
export function toFinish(failure: Failure): object {
  const { message, modelText } = failure;
  return {
    content: { role: 'model', parts: modelText === undefined ? [] : [{ text: modelText }] },
    finishReason: toReason(failure) ?? 'OTHER',
    finishMessage: message,
  };
}

/** Google's word for the end of an answer; `undefined` when there was no answer of the model. */
function toReason({ code, finishReason }: Failure): string | undefined {
  switch (code) {
    case 'image_blocked':
      return finishReason ?? 'IMAGE_SAFETY';
    case 'recitation_blocked':
      return finishReason ?? 'IMAGE_RECITATION';
    case 'no_image':
      return finishReason === undefined || finishReason === 'STOP' ? 'NO_IMAGE' : finishReason;
    case 'token_limit':
      return 'MAX_TOKENS';
    case 'text_only':
      return finishReason ?? 'STOP';
    default:
      return undefined;
  }
}

function toFeedback({ blockReason = 'OTHER', message }: Failure): object {
  return { blockReason, blockReasonMessage: message, safetyRatings: [] };
}

function toErrorAnswer(error: Omit<GoogleError, 'status'> & { readonly status: string }): JsonAnswer {
  return { status: error.code, body: toErrorBody(error) };
}

/**
 * A call whose answer has begun with white space has the status 200 already. Then clients that read candidates alone see there why
 * they have no picture.
 */
export function toErrorBody(error: { readonly message: string }): object {
  const content = { role: 'model', parts: [] };
  return { error, candidates: [{ content, finishReason: 'OTHER', finishMessage: error.message, index: 0 }] };
}

function createStillMaking(): Problem {
  const message =
    'The picture was not ready within X-Server-Timeout. It is still being made: repeat the same call to continue waiting for it.';
  return new Problem('overloaded', message, { retryAfterSeconds: 2 });
}
