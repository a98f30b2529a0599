import { type ProblemCode, problemKinds } from '@darkroom/protocol';
import { type Failure, type FailureCode, failureKinds } from '../../core/failures.ts';
import type { ImageRequest } from '../../core/image-request.ts';
import type { Problem } from '../../core/problem.ts';
import { type ToErrorReply, toProblemHeaders } from '../../http/error-reply.ts';

/** The error of OpenAI's API. */
export interface ApiError {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string;
}

interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly error: ApiError };
}

/** OpenAI's SDKs repeat 409, 429 and 5xx by themselves, unless this header says no. */
const noRetry = { 'x-should-retry': 'false' };

/** Where OpenAI has another word or class than the house. 402 and not 429 for money: no client repeats it by itself. */
const problemWords: Partial<Record<ProblemCode, { readonly type?: string; readonly code?: string }>> = {
  invalid_request: { code: 'invalid_value' },
  unauthorized: { code: 'invalid_api_key' },
  budget_exceeded: { type: 'insufficient_quota', code: 'insufficient_quota' },
  rate_limited: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  queue_full: { type: 'rate_limit_error' },
  uploads_full: { type: 'rate_limit_error' },
  too_many_streams: { type: 'rate_limit_error' },
};

/** A refusal in OpenAI's format. */
export const toErrorReply: ToErrorReply = (problem) => {
  const { status } = problemKinds[problem.code];
  const isCurable = status === 429 || status >= 500;
  return {
    status,
    headers: { ...toProblemHeaders(problem), ...(!isCurable && noRetry) },
    body: toErrorBody(problem),
  };
};

export function toErrorBody(problem: Problem): { readonly error: ApiError } {
  const { code } = problem;
  const words = problemWords[code] ?? {};
  const details = problem.details?.map(({ path, message }) => ({ param: toParam(path), message }));
  const type = problemKinds[code].status >= 500 ? 'server_error' : 'invalid_request_error';
  return {
    error: {
      message: details ? toSentence(details) : problem.message,
      type: words.type ?? type,
      param: details?.[0]?.param ?? (code === 'model_not_found' ? 'model' : null),
      code: words.code ?? code,
    },
  };
}

/** Keys of the payload that have another name on this wire. */
const paramNames: Readonly<Record<string, string>> = {
  number_of_images: 'n',
  image_output_format: 'output_format',
  image_output_compression: 'output_compression',
};

function toParam(path: string): string {
  const param = path.replace(/^payload\.?/, '');
  return paramNames[param] ?? param;
}

function toSentence(details: readonly { readonly param: string; readonly message: string }[]): string {
  return `${details.map(({ param, message }) => `${param || 'The body'} ${message}`).join('; ')}.`;
}

const blocked: ReadonlySet<FailureCode> = new Set(['prompt_blocked', 'image_blocked', 'recitation_blocked']);

/**
 * The answer to a request that ended without a picture. Darkroom has repeated what could be repeated: a client that repeats the
 * call makes and pays a new request, so SDKs are told not to do so by themselves.
 */
export function toFailureAnswer({ id, outcome }: ImageRequest): ErrorAnswer {
  if (outcome?.kind !== 'failure') return { status: 400, headers: noRetry, body: { error: toCancelled(id) } };
  const { blame, isRetryable } = failureKinds[outcome.failure.code];
  const status = blame === 'caller' ? 400 : isRetryable ? 503 : 500;
  return { status, headers: noRetry, body: { error: toFailureError(outcome.failure) } };
}

export function toFailureError({ code, message, upstreamMessage, modelText }: Failure): ApiError {
  return {
    message: [message, upstreamMessage ?? [], modelText ?? []].flat().join(' '),
    type: failureKinds[code].blame === 'caller' ? 'image_generation_user_error' : 'server_error',
    param: null,
    code: blocked.has(code) ? 'moderation_blocked' : code,
  };
}

function toCancelled(id: string): ApiError {
  return {
    message: `The request ${id} was cancelled.`,
    type: 'invalid_request_error',
    param: null,
    code: 'request_cancelled',
  };
}
