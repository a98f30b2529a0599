import { type ProblemCode, problemKinds } from '@darkroom/protocol';
import { z } from 'zod';
import { type Failure, type FailureCode, toFailureKind } from '../core/failures.ts';
import type { ImageRequest } from '../core/image-request.ts';
import { Problem } from '../core/problem.ts';
import { type ErrorReply, type ToErrorReply, toProblemHeaders } from '../http/error-reply.ts';
import { json } from '../http/openapi/answers.ts';

const errorTypes = [
  'invalid_request_error',
  'image_generation_user_error',
  'insufficient_quota',
  'rate_limit_error',
  'server_error',
] as const;
type ErrorType = (typeof errorTypes)[number];

const errorSchema = z.object({
  message: z.string(),
  type: z.enum(errorTypes),
  param: z.string().nullable().meta({ description: 'The field that is wrong, if any.' }),
  code: z.string().nullable(),
});

/** An error as every dialect of OpenAI writes it. */
export type OpenAiError = Readonly<z.infer<typeof errorSchema>>;

/** The refusals of a dialect of OpenAI, in the OpenAPI document. */
export const openAiRefusal = {
  description: 'Why the call was refused, or why there is no picture.',
  content: json(z.object({ error: errorSchema }).meta({ id: 'OpenAiError' })),
};

/** The refusal of a field that this service does not have; `reason` is the end of a sentence that begins with its name. */
export class UnsupportedParameter extends Problem {
  constructor(param: string, reason: string) {
    super('invalid_request', `${param} ${reason}.`, { details: [{ path: param, message: reason }] });
  }
}

/**
 * Writes refusals as OpenAI does. Its SDKs try again after 408, 409, 429 and 5xx; `x-should-retry: false` stops them where waiting
 * does not help.
 */
export function createOpenAiErrorReply(fields: FieldNames): ToErrorReply {
  return (problem) => ({
    status: problemKinds[problem.code].status,
    headers: { ...toProblemHeaders(problem), ...(isFinal(problem.code) && noRetry) },
    body: { error: toError(problem, fields) },
  });
}

/** What the dialect calls the keys of the payload, where it has another name. */
type FieldNames = Readonly<Record<string, string>>;

const noRetry = { 'x-should-retry': 'false' } as const;

/** Refusals that the SDKs would otherwise repeat. */
function isFinal(code: ProblemCode): boolean {
  return problemKinds[code].status === 409 || code === 'budget_exceeded';
}

function toError(problem: Problem, fields: FieldNames): OpenAiError {
  const { code, details = [] } = problem;
  const rename = (text: string) =>
    text.replaceAll(
      /\bpayload\.(\w+)((?:\[\d+\]|\.\w+)*)/g,
      (_path, key: string, rest: string) => fields[key] ?? key + rest,
    );
  const message = rename(problem.message);
  const param = details[0] ? rename(details[0].path) : null;
  const error = { type: 'invalid_request_error', message, param } as const;
  switch (code) {
    case 'invalid_request': {
      const isUnsupported = problem instanceof UnsupportedParameter;
      return { ...error, code: isUnsupported ? 'unsupported_parameter' : 'invalid_value' };
    }
    case 'unauthorized':
      return { ...error, code: 'invalid_api_key' };
    case 'model_not_found':
      return { ...error, param: 'model', code };
    case 'budget_exceeded':
      return { ...error, type: 'insufficient_quota', code: 'insufficient_quota' };
    case 'rate_limited':
      return { ...error, type: 'rate_limit_error', code: 'rate_limit_exceeded' };
    default:
      return { ...error, type: toType(problemKinds[code].status), code };
  }
}

function toType(status: number): ErrorType {
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

/** The answer about a request that ended without a picture. Its status tells a client whether the same call may work later. */
export function toFailureReply({ id, outcome }: Pick<ImageRequest, 'id' | 'outcome'>): ErrorReply {
  if (outcome?.kind === 'failure') return toFailure(outcome.failure);
  const message = `The request ${id} was cancelled.`;
  const error: OpenAiError = { message, type: 'invalid_request_error', param: null, code: 'request_cancelled' };
  // Not 409: some clients repeat that whatever the header says, and would undo what was cancelled.
  return { status: 400, headers: noRetry, body: { error } };
}

/** Darkroom itself has tried what could be tried: an SDK goes on only when the upstream is to blame and may have recovered. */
function toFailure(failure: Failure): ErrorReply {
  const { isRetryable, blame } = toFailureKind(failure.code);
  const error: OpenAiError = { message: toMessage(failure), param: null, ...toClass(failure.code) };
  const mayWork = isRetryable && blame === 'upstream';
  return { status: blame === 'caller' ? 400 : 503, headers: mayWork ? {} : noRetry, body: { error } };
}

/** Clients recognize a blocked picture by this type and this code. */
function toClass(code: FailureCode): Pick<OpenAiError, 'type' | 'code'> {
  switch (code) {
    case 'prompt_blocked':
    case 'image_blocked':
    case 'recitation_blocked':
    case 'moderation_blocked':
      return { type: 'image_generation_user_error', code: 'moderation_blocked' };
    case 'text_only':
      return { type: 'image_generation_user_error', code };
    default:
      return { type: toFailureKind(code).blame === 'caller' ? 'invalid_request_error' : 'server_error', code };
  }
}

/** With what the model said instead of a picture. */
function toMessage({ message, modelText }: Failure): string {
  return modelText === undefined ? message : `${message} The model said: ${modelText}`;
}
