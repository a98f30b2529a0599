import { type ProblemCode, problemKinds } from '@darkroom/protocol';
import { type FailureCode, toFailureKind } from '../../core/failures.ts';
import type { ImageRequest } from '../../core/image-request.ts';
import { type ToErrorReply, toProblemHeaders } from '../../http/error-reply.ts';
import type { JsonAnswer } from '../../http/json-answer.ts';
import { inDialect, toKeys } from '../payload-names.ts';
import { inputNames } from './input.ts';

/** One error of `detail`. All of `loc` are texts, as the AI SDK requires. */
interface ErrorDetail {
  readonly loc: readonly string[];
  readonly msg: string;
  readonly type: string;
}

/** A refusal as fal writes it: 422 with a list for a wrong input, everything else with a sentence. */
export const toErrorReply: ToErrorReply = (problem) => {
  const { code, message, details, retryAfterSeconds } = inDialect(problem, inputNames);
  const headers = { ...toProblemHeaders(problem), 'x-fal-retryable': String(retryAfterSeconds !== undefined) };
  if (code === 'invalid_request') {
    const detail: readonly ErrorDetail[] = (details ?? [{ path: '', message }]).map((one) => ({
      loc: ['body', ...toKeys(one.path)],
      msg: one.message,
      type: 'value_error',
    }));
    return { status: 422, headers, body: { detail } };
  }
  const type = errorTypes[code] ?? 'bad_request';
  // The AI SDK reads `message`, and the clients of fal `detail`.
  const body = { detail: message, message, error_type: type };
  return { status: problemKinds[code].status, headers: { ...headers, 'x-fal-error-type': type }, body };
};

const errorTypes: Readonly<Partial<Record<ProblemCode, string>>> = {
  unauthorized: 'auth_error',
  not_found: 'not_found',
  model_not_found: 'not_found',
  internal_error: 'internal_error',
  data_damaged: 'internal_error',
};

interface Told {
  readonly status: number;
  readonly type: string;
  readonly loc?: readonly string[];
}

/**
 * Statuses that fal's own clients do not try again: a request that has failed stays so. The AI SDK tries 500 again, so that is for
 * what another request may cure.
 */
const unavailable: Told = { status: 500, type: 'downstream_service_unavailable' };
const refused: Told = { status: 422, type: 'downstream_service_error' };
const blocked: Told = { status: 422, type: 'content_policy_violation', loc: ['body', 'prompt'] };
const empty: Told = { status: 422, type: 'no_media_generated' };
const unread: Told = { status: 422, type: 'file_download_error', loc: ['body', 'image_urls'] };

const failures: Readonly<Partial<Record<FailureCode, Told>>> = {
  prompt_blocked: blocked,
  image_blocked: blocked,
  recitation_blocked: blocked,
  moderation_blocked: blocked,
  no_image: empty,
  text_only: empty,
  token_limit: empty,
  reference_unavailable: unread,
  reference_busy: unread,
  reference_not_uploaded: unread,
  media_deleted: unread,
  upstream_reference_rejected: { ...unread, type: 'image_load_error' },
  deadline_exceeded: { status: 504, type: 'generation_timeout' },
  internal_error: { status: 500, type: 'internal_server_error' },
  media_lost: { status: 500, type: 'internal_server_error' },
  media_unwritable: { status: 500, type: 'internal_server_error' },
};

/** The result of a request that has no pictures; `undefined` when it has. */
export function toFailureAnswer({ status, outcome }: ImageRequest): JsonAnswer | undefined {
  if (status === 'cancelled') return toRequestError(499, 'client_cancelled', 'The request was cancelled.');
  if (outcome?.kind !== 'failure') return undefined;
  const { code, message } = outcome.failure;
  const { isRetryable } = toFailureKind(code);
  const { status: httpStatus, type, loc = ['body'] } = failures[code] ?? (isRetryable ? unavailable : refused);
  return {
    status: httpStatus,
    headers: {
      'x-fal-error-type': type,
      'x-fal-retryable': String(isRetryable),
      // With this header, clients do not try again.
      ...(httpStatus === 504 && userTimeout),
    },
    body: { detail: [{ loc, msg: message, type, ctx: { code } }] },
  };
}

const userTimeout = { 'x-fal-request-timeout-type': 'user' };

/** The answer to a request that had not begun when its start time-out was over. */
export function toStartTimeoutAnswer(): JsonAnswer {
  const answer = toRequestError(504, 'startup_timeout', 'The request had not started before its time-out.');
  return { ...answer, headers: { ...answer.headers, ...userTimeout } };
}

/** The error of a request, and not of its input. */
export function toRequestError(status: number, type: string, message: string): JsonAnswer {
  const headers = { 'x-fal-error-type': type, 'x-fal-retryable': 'false' };
  return { status, headers, body: { detail: message, message, error_type: type } };
}
