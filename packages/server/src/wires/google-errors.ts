import { type ProblemCode, problemKinds } from '@darkroom/protocol';
import { z } from 'zod';
import { type Failure, toFailureKind } from '../core/failures.ts';
import type { Problem } from '../core/problem.ts';
import { type ErrorReply, toProblemHeaders } from '../http/error-reply.ts';

/** The names of Google's errors (https://cloud.google.com/apis/design/errors#handling_errors) and their HTTP statuses. */
const httpStatuses = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  RESOURCE_EXHAUSTED: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
} as const;

export type GoogleStatus = keyof typeof httpStatuses;

/** The inner object of an error in Google's format. */
export interface GoogleError {
  /** An HTTP status. */
  readonly code: number;
  readonly message: string;
  readonly status: GoogleStatus;
  /** Objects with an `@type`. */
  readonly details: readonly object[];
}

/** For the OpenAPI part of a wire with these errors. */
export const googleErrorSchema = z
  .object({
    error: z.object({ code: z.int(), message: z.string(), status: z.string(), details: z.array(z.looseObject({})) }),
  })
  .meta({ id: 'GoogleError' });

/** Refusals in the format of Google's APIs: `{"error": {"code", "message", "status", "details"}}`. */
export function toGoogleErrorReply(problem: Problem): ErrorReply {
  const error = toGoogleError(problem);
  return { status: error.code, headers: toProblemHeaders(problem), body: { error } };
}

export function toGoogleError({ code, message, details, retryAfterSeconds }: Problem): GoogleError {
  const status = toStatus(code);
  const violations = details?.map(({ path, message: description }) => ({ field: path, description }));
  return {
    code: statusesOfTheirOwn.has(code) ? problemKinds[code].status : httpStatuses[status],
    message,
    status,
    details: [
      toReason(code),
      ...(violations ? [{ '@type': toType('BadRequest'), fieldViolations: violations }] : []),
      ...(retryAfterSeconds === undefined
        ? []
        : [{ '@type': toType('RetryInfo'), retryDelay: `${retryAfterSeconds}s` }]),
    ],
  };
}

/**
 * A request that has failed. Clients repeat calls that were answered with 429 or 5xx, so a failure that another call would not
 * cure has a status of 400.
 */
export function toGoogleFailure({ code, message }: Pick<Failure, 'code' | 'message'>): GoogleError {
  const status = toFailureStatus(code);
  return { code: httpStatuses[status], message, status, details: [toReason(code)] };
}

function toFailureStatus(code: Failure['code']): GoogleStatus {
  const { isRetryable, blame } = toFailureKind(code);
  if (code === 'deadline_exceeded') return 'DEADLINE_EXCEEDED';
  if (isRetryable) return 'UNAVAILABLE';
  return blame === 'caller' ? 'INVALID_ARGUMENT' : 'FAILED_PRECONDITION';
}

/** HTTP statuses that say more than the one of the error's name. */
const statusesOfTheirOwn: ReadonlySet<ProblemCode> = new Set([
  'method_not_allowed',
  'deleted',
  'media_lost',
  'body_too_large',
  'range_not_satisfiable',
  'unsupported_media_type',
]);

/** A budget is no `RESOURCE_EXHAUSTED`, and a conflict no `ABORTED`: clients would repeat the call. */
function toStatus(code: ProblemCode): GoogleStatus {
  switch (code) {
    case 'unauthorized':
      return 'UNAUTHENTICATED';
    case 'admin_required':
    case 'model_not_allowed':
      return 'PERMISSION_DENIED';
    case 'not_found':
    case 'model_not_found':
    case 'deleted':
    case 'media_lost':
      return 'NOT_FOUND';
    case 'budget_exceeded':
    case 'request_ended':
    case 'request_open':
    case 'upload_conflict':
    case 'endpoints_full':
      return 'FAILED_PRECONDITION';
    case 'rate_limited':
    case 'queue_full':
    case 'uploads_full':
    case 'too_many_streams':
      return 'RESOURCE_EXHAUSTED';
    case 'internal_error':
    case 'data_damaged':
      return 'INTERNAL';
    case 'overloaded':
      return 'UNAVAILABLE';
    default:
      return 'INVALID_ARGUMENT';
  }
}

/** Our own code, for programs. */
function toReason(code: string): object {
  return { '@type': toType('ErrorInfo'), reason: code.toUpperCase(), domain: 'darkroom' };
}

function toType(name: string): string {
  return `type.googleapis.com/google.rpc.${name}`;
}
