import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../core/problem.ts';
import type { Logger } from '../platform/logger.ts';
import { createBodyTooLarge } from './body/body-problems.ts';
import { sendErrorReply, type ToErrorReply, toHouseError } from './error-reply.ts';
import { HttpProblem } from './http-problem.ts';
import { createNotFound, toFault, toRefusal } from './to-problem.ts';

/** The format of the refusals of some routes. */
interface Speaker {
  /** For the log. */
  readonly name: string;
  readonly toErrorReply: ToErrorReply;
}

/** Every refusal of the routes of `app` has the format of the speaker, including those that Fastify itself makes. */
export function answerErrors(app: FastifyInstance, { name, toErrorReply }: Speaker, logger: Logger): void {
  app.setErrorHandler((error: FastifyError | Error, request, reply) => {
    const refusal = toRefusal(error, request);
    if (!refusal) {
      const { method, routeOptions } = request;
      logger.error({ event: 'http.failed', part: name, method, route: routeOptions.url, err: error });
    }
    return sendErrorReply(reply, toErrorReply(refusal ?? toFault(error)));
  });
}

/** Answers a call to an address that does not exist, or resolves to `undefined`: then the house refuses it. */
export type SendMissing = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>;

/** Refuses calls to addresses that do not exist, except those that `sendMissing` answers. */
export function refuseUnknown(app: FastifyInstance, sendMissing: SendMissing): void {
  app.setNotFoundHandler(
    async (request, reply) =>
      (await sendMissing(request, reply)) ?? sendErrorReply(reply, toHouseError(createNotFound(request))),
  );
}

/**
 * Refuses a body by its announced length, before any of it is read. The connection stays open: what the client still sends is
 * read and dropped, since a client that is cut off while it sends never learns why. Fastify cuts off bodies that are larger
 * still, and those without a length.
 */
export function refuseLargeBodies(app: FastifyInstance, maxBytes: number): void {
  app.addHook('onRequest', ({ headers }, _reply, done) => {
    const bytes = Number(headers['content-length'] ?? 0);
    done(bytes > maxBytes && bytes <= 8 * maxBytes ? createBodyTooLarge(maxBytes) : undefined);
  });
}

/** Refuses an address that the router cannot read, before any route is found. */
export function refuseUnreadable(_error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  const message = 'The address is not a well-formed URL path.';
  sendErrorReply(reply, toHouseError(new Problem('invalid_request', message)));
}

/**
 * Refuses an address that holds the character U+0000, in its path or its query: nothing has such a name, and PostgreSQL
 * accepts it in no text.
 */
export function refuseNul(app: FastifyInstance): void {
  app.addHook('onRequest', ({ url }, _reply, done) => {
    done(
      url.includes('%00')
        ? new Problem('invalid_request', 'The address contains %00, which is not allowed in a name.')
        : undefined,
    );
  });
}

/** Answers 405 with `Allow` for the other methods of every route of `app`; call it when all routes are there. */
export function refuseOtherMethods(app: FastifyInstance, routes: ReadonlyMap<string, ReadonlySet<string>>): void {
  for (const [url, methods] of routes) {
    const allowed = [...methods].sort().join(', ');
    const others = refusable.filter((method) => !methods.has(method));
    const message = (method: string) => `${method} is not possible here; this address accepts ${allowed}.`;
    app.route({
      url,
      method: others,
      // The body of a call that is refused anyway is not read.
      onRequest: async (request) => {
        throw new HttpProblem('method_not_allowed', message(request.method), { headers: { allow: allowed } });
      },
      handler: async () => undefined,
    });
  }
}

const refusable = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
