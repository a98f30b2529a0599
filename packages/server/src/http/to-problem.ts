import type { FastifyError, FastifyRequest } from 'fastify';
import { createOverloadProblem } from '../core/overload.ts';
import { Problem } from '../core/problem.ts';
import { MediaUnreadableError, MediaUnwritableError } from '../media/media-errors.ts';
import { isDiskFull } from '../platform/disk-full.ts';
import { StoreDamagedError, StoreUnavailableError } from '../store/store-errors.ts';
import { createBodyTooLarge, createTypeProblem } from './body/body-problems.ts';

/** The refusal that an error means, also when Fastify made the error; `undefined`: the service itself has failed. */
export function toRefusal(error: FastifyError | Error, request: FastifyRequest): Problem | undefined {
  if (error instanceof Problem) return error;
  switch ('code' in error ? error.code : undefined) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return createBodyTooLarge(request.routeOptions.bodyLimit);
    // A text that is not a type, e.g. without a slash.
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return createTypeProblem(request.headers['content-type'] ?? '');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new Problem('invalid_request', 'The length of the body differs from Content-Length.');
    default:
      return 'statusCode' in error ? toLibraryRefusal(error.statusCode ?? 500, error.message, request) : undefined;
  }
}

/** What a library refuses by itself, e.g. a path that leads out of the folder of files. */
function toLibraryRefusal(status: number, message: string, request: FastifyRequest): Problem | undefined {
  if (status === 403 || status === 404) return createNotFound(request);
  return status >= 400 && status < 500 ? new Problem('invalid_request', message) : undefined;
}

/** The refusal of a call to an address that does not exist. */
export function createNotFound({ method, url }: FastifyRequest): Problem {
  const path = url.split('?', 1)[0] ?? '';
  return new Problem(
    'not_found',
    `There is nothing at ${method} ${path.slice(0, 200)}. The reference at /docs/api lists every address.`,
  );
}

/** Seconds; a database that was restarted or replaced is back soon. */
const databaseSeconds = 5;

/** What a caller is told when the service itself has failed. */
export function toFault(error: Error): Problem {
  if (isDiskFull(error))
    return createOverloadProblem(
      'The disk of the service is full. Requests that it has accepted are safe; try again later.',
    );
  if (error instanceof MediaUnreadableError || error instanceof MediaUnwritableError)
    return createOverloadProblem(
      'The storage for pictures does not answer. Requests that the service has accepted are safe; try again later.',
    );
  if (error instanceof StoreUnavailableError) return createOverloadProblem(error.message, databaseSeconds);
  if (error instanceof StoreDamagedError) return new Problem('data_damaged', error.message);
  return new Problem(
    'internal_error',
    'Darkroom had an internal error; its log says more. The same call may work later.',
  );
}
