import { type ProblemCode, problemKinds } from '@darkroom/protocol';
import { type Failure, toFailureKind } from '../../core/failures.ts';
import type { Problem } from '../../core/problem.ts';
import { type ErrorReply, toProblemHeaders } from '../../http/error-reply.ts';

/** The classes of the AI SDK's `GatewayError`. It repeats calls that were answered with 408, 409, 429 or 5xx. */
type ErrorType =
  | 'authentication_error'
  | 'failed_dependency'
  | 'forbidden'
  | 'internal_server_error'
  | 'invalid_request_error'
  | 'model_not_found'
  | 'not_found'
  | 'rate_limit_exceeded';

export function toGatewayErrorReply(problem: Problem): ErrorReply {
  const { code, message, details } = problem;
  const { status } = problemKinds[code];
  return {
    // Waiting does not cure a conflict.
    status: status === 409 ? 400 : status,
    headers: toProblemHeaders(problem),
    body: {
      error: {
        // The keys of a payload are keys of the body, or of `providerOptions.darkroom`.
        message: message.replaceAll(/\bpayload\./g, ''),
        type: toType(code),
        param: details?.[0]?.path.replace(/^payload\./, '') ?? null,
        code,
      },
    },
  };
}

function toType(code: ProblemCode): ErrorType {
  switch (code) {
    case 'unauthorized':
      return 'authentication_error';
    case 'budget_exceeded':
    case 'admin_required':
    case 'model_not_allowed':
      return 'forbidden';
    case 'model_not_found':
      return 'model_not_found';
    default:
      return toTypeOf(problemKinds[code].status);
  }
}

function toTypeOf(status: number): ErrorType {
  if (status === 404) return 'not_found';
  if (status === 429) return 'rate_limit_exceeded';
  return status >= 500 ? 'internal_server_error' : 'invalid_request_error';
}

/** A request that has failed was tried as often as it may be: another call would only cost more. */
export function toFailureError({ code, message }: Pick<Failure, 'code' | 'message'>) {
  const type: ErrorType = toFailureKind(code).blame === 'caller' ? 'invalid_request_error' : 'failed_dependency';
  return { status: type === 'failed_dependency' ? 424 : 400, error: { message, type, param: null, code } };
}
