import type { IncomingHttpHeaders } from 'node:http';
import Fastify, { type FastifyInstance } from 'fastify';
import type { OpenIdSignIn } from '../people/open-id-sign-in.ts';
import type { Logger } from '../platform/logger.ts';
import { addMount, maxBodyBytes } from './add-mount.ts';
import { type Authenticate, type AuthenticationOptions, createAuthenticate } from './auth.ts';
import { takeJsonBodies } from './body/json-bodies.ts';
import { createGates, type GateOptions, type Gates } from './gates.ts';
import { createHouse } from './house.ts';
import { registerKeyedMetrics } from './keyed-metrics.ts';
import type { Mount } from './mount.ts';
import { type CallObserver, observeCalls } from './observe-calls.ts';
import { OpenCalls, type OpenCallsOptions } from './open-calls.ts';
import { createOpenApiDocument } from './openapi/document.ts';
import { healthPart } from './openapi/house-parts.ts';
import { admitOrigins } from './origins.ts';
import { housePrefix } from './prefixes.ts';
import {
  answerErrors,
  refuseNul,
  refuseOtherMethods,
  refuseUnknown,
  refuseUnreadable,
  routerOptions,
} from './refusals.ts';
import { registerApiReferenceRoutes } from './routes/api-reference.ts';
import { type ConsoleRoutesOptions, registerConsoleRoutes, sendMissingPage } from './routes/console.ts';
import { registerDocsSiteRoutes } from './routes/docs-site.ts';
import { type HealthOptions, registerHealthRoutes } from './routes/health.ts';
import type { MeRouteOptions } from './routes/me.ts';
import { type MediaRoutesOptions, registerMediaRoutes } from './routes/media.ts';
import type { MetricsSource } from './routes/metrics.ts';
import { registerOpenIdRoutes } from './routes/open-id.ts';
import { registerSignInRoutes, type SignInRoutesOptions } from './routes/sign-in.ts';
import { registerUploadRoutes, type UploadRoutesOptions } from './routes/uploads.ts';
import type { SessionAccess } from './sessions.ts';
import { openDoorway } from './sockets/open-answer.ts';
import { endStalledCalls } from './stalled-calls.ts';

export interface AppOptions {
  /** The dialects of callers; the house's own calls exist without any of them. */
  readonly wires: readonly Mount[];
  /** The operator's calls. */
  readonly admin: Mount;
  readonly authentication: AuthenticationOptions & { readonly sessions: SessionAccess };
  /** Addresses and networks of the reverse proxies whose `X-Forwarded-For` says who calls. */
  readonly trustedProxies: readonly string[];
  /** Origins whose pages may call; `*` allows any. */
  readonly corsOrigins: readonly string[];
  readonly gates: Omit<GateOptions, 'openCalls' | 'uploadsPerMinute'> & Pick<OpenCallsOptions, 'maxStreams'>;
  readonly signIn: SignInRoutesOptions['signIn'];
  /** Left out: nobody signs in through a provider. */
  readonly openId?: OpenIdSignIn | undefined;
  readonly me: MeRouteOptions;
  readonly uploads: UploadRoutesOptions;
  readonly media: MediaRoutesOptions;
  readonly console: ConsoleRoutesOptions;
  readonly health: HealthOptions;
  /** For admin keys, at `/metrics`. */
  readonly metrics?: MetricsSource;
  readonly callObserver?: CallObserver;
  readonly logger: Logger;
}

/**
 * HTTP: what all wires share. This app knows no wire, no picture and no upstream. It mounts what it is given, each part with its
 * own scope, and has the calls that belong to no wire: media, uploads, console, health.
 */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { wires, admin, logger } = options;
  const house = createHouse(options);
  const mounts = [...wires, house, admin];
  const app = createServer(mounts, options.trustedProxies);
  const routes = collectRoutes(app);
  if (options.callObserver) observeCalls(app, options.callObserver);
  answerErrors(app, house, logger);
  refuseUnknown(app, (request, reply) => sendMissingPage(request, reply, options.console));
  await admitOrigins(app, options.corsOrigins);
  refuseNul(app);
  refuseOtherMethods(app, routes);
  takeJsonBodies(app);
  const context = { gates: openGates(app, options), authenticate: createAuthenticate(options.authentication), logger };
  for (const mount of mounts) await addMount(app, mount, context);
  registerPeople(app, options, context.authenticate);
  registerHealthRoutes(app, options.health);
  if (options.metrics) await registerKeyedMetrics(app, options.metrics, context.authenticate);
  registerMediaRoutes(app, options.media);
  await app.register(async (scope) => registerUploadRoutes(scope, options.uploads));
  registerApiReferenceRoutes(app, () => createOpenApiDocument([...mounts.map(({ openApi }) => openApi), healthPart]));
  registerDocsSiteRoutes(app);
  registerConsoleRoutes(app, options.console);
  return app;
}

/** How people sign in and out. */
function registerPeople(app: FastifyInstance, options: AppOptions, authenticate: Authenticate): void {
  const { signIn, openId, authentication, console } = options;
  const { sessions: access } = authentication;
  registerSignInRoutes(app, { signIn, authenticate, access, openIdName: openId?.name });
  if (openId) registerOpenIdRoutes(app, { openId, access, publicUrl: console.publicUrl });
}

function createServer(mounts: readonly Mount[], trustedProxies: readonly string[]): FastifyInstance {
  const app = Fastify({
    bodyLimit: maxBodyBytes,
    // Time for a 16 MB body over a slow line; an answer may take as long as its reader keeps reading (`stalled-calls.ts`).
    requestTimeout: 120_000,
    keepAliveTimeout: 75_000,
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    rewriteUrl: ({ url = '/', headers }) => toIntendedAddress(url, headers, mounts),
    routerOptions,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    schemaController: { compilersFactory: { buildValidator: refuseSchema, buildSerializer: refuseSchema } },
    frameworkErrors: refuseUnreadable,
  });
  endStalledCalls(app.server);
  openDoorway(app.server);
  return app;
}

/** Routes have no JSON schemas: zod checks what comes in. Without their compilers, 130 files fewer are loaded. */
function refuseSchema(): never {
  throw new Error('Routes have no JSON schemas.');
}

/** The address that a call means. Most calls write the house's prefix, which means nothing else in any dialect. */
function toIntendedAddress(url: string, headers: IncomingHttpHeaders, mounts: readonly Mount[]): string {
  if (url.startsWith(housePrefix)) return url;
  return mounts.reduce((path, { toFullPath }) => toFullPath?.(path, headers) ?? path, url);
}

/** The gates, which watch the open calls while the app listens. */
function openGates(app: FastifyInstance, { gates, uploads, authentication, callObserver, logger }: AppOptions): Gates {
  const { keys, sessions } = authentication;
  const openCalls = new OpenCalls({ ...gates, keys, sessions: sessions.sessions, logger });
  callObserver?.opened(() => openCalls.count());
  app.addHook('onReady', () => openCalls.start());
  app.addHook('onClose', () => openCalls.stop());
  return createGates({ ...gates, openCalls, uploadsPerMinute: uploads.uploadsPerMinute });
}

/** Watches the routes that are registered from now on: their methods by their address. */
function collectRoutes(app: FastifyInstance): ReadonlyMap<string, ReadonlySet<string>> {
  const routes = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    // Preflights are answered at every address.
    if (method === 'OPTIONS') return;
    const methods = routes.get(url) ?? new Set();
    for (const one of [method].flat()) methods.add(one);
    routes.set(url, methods);
  });
  return routes;
}
