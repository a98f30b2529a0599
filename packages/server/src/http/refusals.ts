import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import createRouter from 'find-my-way';
import { Problem } from '../core/problem.ts';
import type { Logger } from '../platform/logger.ts';
import { createBodyTooLarge } from './body/body-problems.ts';
import { sendErrorReply, type ToErrorReply, toHouseError } from './error-reply.ts';
import { HttpProblem } from './http-problem.ts';
import { createNotFound, toFault, toRefusal } from './to-problem.ts';

/** How the router reads addresses. */
export const routerOptions = { maxParamLength: 200, ignoreTrailingSlash: true, ignoreDuplicateSlashes: true } as const;

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

/**
 * Answers 405 with `Allow` when a call that no route of `app` answers has the address of a route with other methods. `routes` are
 * the methods by address; they are read at the first such call. Routes that only refuse would double the time that the router takes to
 * be made.
 */
export function refuseOtherMethods(app: FastifyInstance, routes: ReadonlyMap<string, ReadonlySet<string>>): void {
  let addresses: Addresses | undefined;
  // The body of a call that is refused anyway is not read.
  app.addHook('onRequest', ({ is404, method, url }, _reply, done) => {
    if (!is404) return done();
    addresses ??= toAddresses(routes);
    const found = addresses.find('GET', url)?.store as Offer | null; // as `toAddresses` put it there
    if (!found) return done();
    const message = `${method} is not possible here; this address accepts ${found.allowed}.`;
    done(new HttpProblem('method_not_allowed', message, { headers: { allow: found.allowed } }));
  });
}

interface Offer {
  readonly allowed: string;
}

type Addresses = ReturnType<typeof toAddresses>;

/** A router that finds the addresses as the app's own does, and knows no methods: each route is one of `GET`. */
function toAddresses(routes: ReadonlyMap<string, ReadonlySet<string>>) {
  const addresses = createRouter(routerOptions);
  for (const [url, methods] of routes)
    addresses.on('GET', url, () => undefined, { allowed: [...methods].sort().join(', ') } satisfies Offer);
  return addresses;
}
