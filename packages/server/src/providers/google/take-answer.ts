import { decodeJson, type Spooling } from '@darkroom/json-stream';
import type { Failure } from '../../core/failures.ts';
import type { Clock } from '../../platform/clock.ts';
import { toBrokenPictureFailure, toForeignAnswerFailure } from '../call-failures.ts';
import type { AnswerPart, ImageAnswer } from '../image-model.ts';
import { readText, removeSpooled } from '../read-answer.ts';
import type { UpstreamResponse } from '../transport.ts';
import type { UpstreamLimits } from '../upstream-limits.ts';
import { type GoogleAnswer, parseAnswer } from './answer.ts';
import { filesOf, type TakenParts, takeParts } from './answer-parts.ts';
import { findInnerError, parseErrorAnswer } from './error-answer.ts';
import { toHttpFailure } from './failures.ts';
import type { Access, GoogleService } from './google-service.ts';
import { isFinished, toRefusalFailure } from './refusals.ts';

/** What reading an answer needs. */
export interface Reading {
  readonly service: Pick<GoogleService, 'failureRows'>;
  readonly clock: Clock;
  readonly limits: UpstreamLimits;
}

export interface AnswerContext {
  /** Has the files of the answer. */
  readonly folder: string;
  /** What no failure may quote. */
  readonly secret: string;
  readonly retryAfter?: string | undefined;
}

/** Reads a body that has answers. Pictures, signatures and long texts become files of the folder. Rejects as `decodeJson` does. */
export function decodeAnswer(
  body: AsyncIterable<Uint8Array>,
  { folder, ...limits }: { readonly folder: string; readonly maxBytes: number; readonly maxJsonBytes: number },
  { limits: { maxPictureBytes } }: Reading,
): Promise<unknown> {
  return decodeJson(body, { folder, spool: chooseSpooling, ...limits, maxFileBytes: maxPictureBytes });
}

/** What a body of `generateContent` says. Removes every file that is not part of the answer. */
export async function takeAnswer(value: unknown, context: AnswerContext, reading: Reading): Promise<ImageAnswer> {
  const answer = parseAnswer(value);
  let kept: readonly AnswerPart[] = [];
  try {
    const options = { folder: context.folder, maxFileBytes: reading.limits.maxPictureBytes };
    const taken = answer && (await takeParts(answer.parts, { ...options, finishReason: answer.facts.finishReason }));
    if (taken?.parts.some((part) => part.kind === 'picture')) {
      kept = taken.parts;
      return { kind: 'pictures', parts: kept, ...answer?.facts };
    }
    return { kind: 'failed', ...answer?.facts, ...toFailed({ value, answer, taken }, context, reading) };
  } finally {
    await removeSpooled(value, filesOf(kept));
  }
}

interface PicturelessAnswer {
  readonly value: unknown;
  readonly answer: GoogleAnswer | undefined;
  readonly taken: TakenParts | undefined;
}

type FailedAnswer = Extract<ImageAnswer, { readonly kind: 'failed' }>;

/** The error counts as if its status had been the HTTP status: it comes before any work, and it is free. */
function toFailed(
  { value, answer, taken }: PicturelessAnswer,
  { secret, retryAfter }: AnswerContext,
  { service, clock }: Reading,
): Pick<FailedAnswer, 'failure' | 'isPossiblyBilled'> {
  const now = clock.now();
  const error = findInnerError(value, retryAfter, now);
  if (error)
    return { failure: toHttpFailure(error, { secret, now, rows: service.failureRows }), isPossiblyBilled: false };
  if (!answer || !taken) return { failure: toForeignAnswerFailure(), isPossiblyBilled: true };
  const isBroken =
    taken.isBroken && answer.refusal.blockReason === undefined && isFinished(answer.refusal.finishReason);
  if (isBroken) return { failure: toBrokenPictureFailure(), isPossiblyBilled: true };
  const text = taken.parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
  return { failure: toRefusalFailure({ ...answer.refusal, text }, secret), isPossiblyBilled: true };
}

/** The failure that an answer with an HTTP error means. */
export async function readFailure(
  { status, header, body }: UpstreamResponse,
  { secret, discard }: Access,
  { service, clock, limits }: Reading,
): Promise<Failure> {
  const now = clock.now();
  if (status === 401) discard?.();
  const text = await readText(body, limits.maxTextBytes);
  const answer = parseErrorAnswer({ status, retryAfter: header('retry-after'), body: text }, now);
  return toHttpFailure(answer, { secret, now, rows: service.failureRows });
}

function chooseSpooling(key: string): Spooling | undefined {
  switch (key) {
    case 'data':
      return 'picture';
    case 'text':
      return 'words';
    case 'thoughtSignature':
    case 'thought_signature':
      return 'spelled';
    default:
      return undefined;
  }
}
