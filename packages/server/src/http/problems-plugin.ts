import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { MediaUnreadableError, MediaUnwritableError } from '../media/media-errors.ts';
import { isDiskFull } from '../platform/disk-full.ts';
import type { Logger } from '../platform/logger.ts';
import { StoreUnavailableError } from '../store/store-errors.ts';
import { createDatabaseProblem, createDiskFullProblem, createStorageProblem } from './overload.ts';
import { createBodyTooLarge, createTypeProblem, Problem } from './problem.ts';

/** Answers for an address that nobody has, or resolves to `undefined` when the wire's own refusal is right. */
export type SendMissing = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>;

/** Every refusal of the app has the wire's body, also those that Fastify itself makes, but for what `sendMissing` answers. */
export function addProblems(app: FastifyInstance, logger: Logger, sendMissing?: SendMissing): void {
  app.setErrorHandler((error: FastifyError | Error, request, reply) => {
    const problem = toProblem(error, request);
    if (problem) return sendProblem(reply, problem);
    logger.error({ event: 'http.failed', method: request.method, route: request.routeOptions.url, err: error });
    if (isDiskFull(error)) return sendProblem(reply, createDiskFullProblem());
    if (error instanceof MediaUnreadableError || error instanceof MediaUnwritableError)
      return sendProblem(reply, createStorageProblem());
    if (error instanceof StoreUnavailableError) return sendProblem(reply, createDatabaseProblem(error));
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
    done(bytes > maxBytes && bytes <= 8 * maxBytes ? createBodyTooLarge(maxBytes) : undefined);
  });
}

/** What the router itself cannot read, before any route is found. */
export function refuseUnreadable(_error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  sendProblem(reply, new Problem('invalid_request', 'The address cannot be read: it is not a well-formed URL path.'));
}

/**
 * Refuses an address that holds the character U+0000, in its path or its query: nothing is called by such a name, and
 * PostgreSQL takes it in no text.
 */
export function refuseNul(app: FastifyInstance): void {
  app.addHook('onRequest', ({ url }, _reply, done) => {
    done(url.includes('%00') ? new Problem('invalid_request', 'The address holds %00: no name has it.') : undefined);
  });
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

function toProblem(error: FastifyError | Error, request: FastifyRequest): Problem | undefined {
  if (error instanceof Problem) return error;
  switch ('code' in error ? error.code : undefined) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return createBodyTooLarge(request.routeOptions.bodyLimit);
    // A type that is none, e.g. without a slash.
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return createTypeProblem(request.headers['content-type'] ?? '');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new Problem('invalid_request', 'The body is not as long as Content-Length says.');
    default:
      return 'statusCode' in error ? toRefusal(error.statusCode ?? 500, error.message, request) : undefined;
  }
}

/** What a library refuses by itself, e.g. a path that leads out of the folder of files. */
function toRefusal(status: number, message: string, request: FastifyRequest): Problem | undefined {
  if (status === 403 || status === 404) return toNotFound(request);
  return status >= 400 && status < 500 ? new Problem('invalid_request', message) : undefined;
}
