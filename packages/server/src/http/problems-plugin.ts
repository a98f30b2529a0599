import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { MediaUnreadableError, MediaUnwritableError } from '../media/media-errors.ts';
import { isDiskFull } from '../platform/disk-full.ts';
import type { Logger } from '../platform/logger.ts';
import { createDiskFullProblem, createStorageProblem } from './overload.ts';
import { Problem } from './problem.ts';

/** Answers for an address that nobody has, or resolves to `undefined` when the wire's own refusal is right. */
export type SendMissing = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>;

/** Every refusal of the app has the wire's body, also those that Fastify itself makes, but for what `sendMissing` answers. */
export function addProblems(app: FastifyInstance, logger: Logger, sendMissing?: SendMissing): void {
  app.setErrorHandler((error: FastifyError | Error, request, reply) => {
    const problem = toProblem(error, request.routeOptions.bodyLimit ?? 0);
    if (problem) return sendProblem(reply, problem);
    logger.error({ event: 'http.failed', method: request.method, route: request.routeOptions.url, err: error });
    if (isDiskFull(error)) return sendProblem(reply, createDiskFullProblem());
    if (error instanceof MediaUnreadableError || error instanceof MediaUnwritableError)
      return sendProblem(reply, createStorageProblem());
    return sendProblem(
      reply,
      new Problem('internal_error', 'Darkroom failed inside; its log says more. The same call may work later.'),
    );
  });
  app.setNotFoundHandler(
    async (request, reply) => (await sendMissing?.(request, reply)) ?? sendProblem(reply, toNotFound(request)),
  );
}

/**
 * Refuses a body by its announced length, before any of it is read. The connection stays: what the client still sends is
 * read and dropped, since a client that is cut off while it sends never hears why. Fastify cuts off bodies that are
 * larger still, and those without a length.
 */
export function refuseLargeBodies(app: FastifyInstance, maxBytes: number): void {
  app.addHook('onRequest', ({ headers }, _reply, done) => {
    const bytes = Number(headers['content-length'] ?? 0);
    done(bytes > maxBytes && bytes <= 8 * maxBytes ? tooLarge(maxBytes) : undefined);
  });
}

const mebibyte = 1024 * 1024;

function tooLarge(maxBytes: number): Problem {
  const limit =
    maxBytes < mebibyte ? `${maxBytes / 1024} KiB.` : `${maxBytes / mebibyte} MiB. Give large pictures as URLs.`;
  return new Problem('body_too_large', `The body is larger than ${limit}`);
}

/** What the router itself cannot read, before any route is found. */
export function refuseUnreadable(_error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  sendProblem(reply, new Problem('invalid_request', 'The address cannot be read: it is not a well-formed URL path.'));
}

/** Answers 405 with `Allow` for the other methods of every route of `app`; call it when all routes are there. */
export function refuseOtherMethods(app: FastifyInstance, routes: ReadonlyMap<string, ReadonlySet<string>>): void {
  for (const [url, methods] of routes) {
    const allowed = [...methods].sort().join(', ');
    const others = refusable.filter((method) => !methods.has(method));
    const message = (method: string) => `${method} is not possible here; this address takes ${allowed}.`;
    app.route({
      url,
      method: others,
      // The body of a call that is refused anyway is not read.
      onRequest: async (request) => {
        throw new Problem('method_not_allowed', message(request.method), { headers: { allow: allowed } });
      },
      handler: async () => undefined,
    });
  }
}

const refusable = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .headers(problem.headers)
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(problem.toBody()));
}

function toNotFound({ method, url }: FastifyRequest): Problem {
  const path = url.split('?', 1)[0] ?? '';
  return new Problem(
    'not_found',
    `There is nothing at ${method} ${path.slice(0, 200)}. The reference at /docs lists every address.`,
  );
}

function toProblem(error: FastifyError | Error, bodyLimit: number): Problem | undefined {
  if (error instanceof Problem) return error;
  if (!('code' in error)) return undefined;
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return tooLarge(bodyLimit);
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new Problem(
        'unsupported_media_type',
        'The body must be JSON: send it with the header Content-Type: application/json.',
      );
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return new Problem('malformed_json', 'The body is empty; it must be a JSON object.');
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return new Problem('malformed_json', 'The body is not valid JSON.');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new Problem('invalid_request', 'The body is not as long as Content-Length says.');
    default:
      return 'statusCode' in error && error.statusCode === 400
        ? new Problem('invalid_request', error.message)
        : undefined;
  }
}
