import Fastify, { type FastifyInstance } from 'fastify';
import { registerBudgetRoutes } from '../admin/routes/budgets.ts';
import { registerDeadLetterRoutes } from '../admin/routes/dead-letters.ts';
import { registerKeyRoutes } from '../admin/routes/keys.ts';
import { registerThroughputRoute } from '../admin/routes/throughput.ts';
import { registerUpstreamRoutes } from '../admin/routes/upstreams.ts';
import { registerUsageRoutes } from '../admin/routes/usage.ts';
import type { Upstream } from '../core/upstreams.ts';
import type { EventHub } from '../events/event-hub.ts';
import type { Notifier } from '../events/notifier.ts';
import { createQueueReader } from '../intake/queue-reader.ts';
import type { SignIn } from '../keys/sign-in.ts';
import type { MediaStore } from '../media/media-store.ts';
import { PictureLosses } from '../media/picture-losses.ts';
import type { ModelRegistry } from '../models/registry.ts';
import type { Clock } from '../platform/clock.ts';
import type { DiskShares } from '../platform/disk-shares.ts';
import type { Headroom } from '../platform/headroom.ts';
import type { Logger } from '../platform/logger.ts';
import type { BudgetStore } from '../store/budget-store.ts';
import type { EventStore } from '../store/event-store.ts';
import type { KeyStore } from '../store/key-store.ts';
import type { RequestStore } from '../store/request-store.ts';
import type { UploadStore } from '../store/upload-store.ts';
import type { UpstreamStore } from '../store/upstream-store.ts';
import { createRecordSender } from '../wires/queue/records/record-sender.ts';
import { registerEventRoutes } from '../wires/queue/routes/events.ts';
import { registerModelRoutes } from '../wires/queue/routes/models.ts';
import { registerRequestRoutes } from '../wires/queue/routes/requests.ts';
import { registerSubmitRoute } from '../wires/queue/routes/submit.ts';
import { registerWebhookRoutes, type WebhookRoutesOptions } from '../wires/queue/routes/webhooks.ts';
import { addAuthentication, createAuthenticate, requireAdmin } from './auth.ts';
import { takeJsonBodies } from './body/json-bodies.ts';
import { OpenCalls } from './open-calls.ts';
import { adminPrefix, modelPrefix, toFullPath, wirePrefix } from './prefixes.ts';
import { addProblems, refuseLargeBodies, refuseNul, refuseOtherMethods, refuseUnreadable } from './problems-plugin.ts';
import { registerConsoleRoutes, sendMissingPage } from './routes/console.ts';
import { registerDocsRoutes } from './routes/docs.ts';
import { type HealthChecks, registerHealthRoutes } from './routes/health.ts';
import { registerMeRoute } from './routes/me.ts';
import { registerMediaRoutes } from './routes/media.ts';
import { registerSignInRoute } from './routes/sign-in.ts';
import { registerUploadGrantRoutes, registerUploadRoutes } from './routes/uploads.ts';
import { endStalledCalls } from './stalled-calls.ts';

export interface AppOptions extends WebhookRoutesOptions {
  readonly store: RequestStore;
  readonly keys: KeyStore;
  readonly signIn: Pick<SignIn, 'redeem'>;
  readonly upstreams: UpstreamStore;
  readonly budgets: BudgetStore;
  readonly events: EventStore;
  /** Where callers wait; it is started and stopped by who made it. */
  readonly hub: EventHub;
  /** The upstreams that work is given to. */
  readonly pool: readonly Upstream[];
  readonly models: ModelRegistry;
  /** Are the pictures drawn by the sandbox, since there is no upstream? */
  readonly isSandbox: boolean;
  readonly media: MediaStore;
  readonly notifier: Notifier;
  /** An existing folder for what arrives. */
  readonly spoolFolder: string;
  readonly uploads: UploadStore;
  /** Addresses for uploads that a key may ask for in any minute. */
  readonly uploadsPerMinute: number;
  /** Of uploads of a key that no request has used. */
  readonly maxUnusedUploadBytes: number;
  /** After so long an upload that no request has used is over. */
  readonly unusedUploadMs: number;
  /** By which uploads are granted. */
  readonly uploadSecret: string;
  readonly health: HealthChecks;
  readonly headroom: Headroom & DiskShares;
  /** How many requests an organization may have queued. */
  readonly maxQueued: number;
  /** Submits of a key in any minute, when it has no limit of its own; `undefined`: as many as it likes. */
  readonly requestsPerMinute: number | undefined;
  /** Event streams and waits of a key at the same time. */
  readonly maxStreams: number;
  /** An admin key of the default organization beside the keys of the store. */
  readonly apiKey: string | undefined;
  readonly publicUrl: () => string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Room for one inline reference picture of 7 MB in base64, and a long conversation. */
const maxBodyBytes = 16 * 1024 * 1024;

const authenticatedRoutes = [
  {
    prefix: wirePrefix,
    isForAdmins: false,
    registers: [
      registerSubmitRoute,
      registerRequestRoutes,
      registerEventRoutes,
      registerUsageRoutes,
      registerUploadGrantRoutes,
      registerModelRoutes,
      registerWebhookRoutes,
      registerMeRoute,
    ],
  },
  { prefix: modelPrefix, isForAdmins: false, registers: [registerModelRoutes] },
  {
    prefix: adminPrefix,
    isForAdmins: true,
    registers: [
      registerDeadLetterRoutes,
      registerUpstreamRoutes,
      registerBudgetRoutes,
      registerKeyRoutes,
      registerThroughputRoute,
    ],
  },
] as const;

/** The room of HTTP: parses, checks, asks the store, answers. It makes no picture and knows no upstream. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    bodyLimit: maxBodyBytes,
    // Time for a 16 MB body over a slow line; an answer may take as long as its reader goes on (`stalled-calls.ts`).
    requestTimeout: 120_000,
    keepAliveTimeout: 75_000,
    rewriteUrl: ({ url = '/' }) => toFullPath(url),
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true, ignoreDuplicateSlashes: true },
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    frameworkErrors: refuseUnreadable,
  });
  endStalledCalls(app.server);
  const routes = collectRoutes(app);
  addProblems(app, options.logger, (request, reply) => sendMissingPage(request, reply, options));
  refuseNul(app);
  takeJsonBodies(app);
  const authenticate = createAuthenticate(options.keys, options.apiKey);
  const placeOf = createQueueReader(options);
  const openCalls = new OpenCalls(options);
  app.addHook('onReady', () => openCalls.start());
  app.addHook('onClose', () => openCalls.stop());
  const losses = new PictureLosses(options);
  const routeOptions = { ...options, placeOf, openCalls, records: createRecordSender({ ...options, placeOf, losses }) };
  for (const { prefix, isForAdmins, registers } of authenticatedRoutes) {
    await app.register(
      async (scope) => {
        scope.addHook('onRequest', (_request, reply, done) => {
          reply.header('cache-control', 'no-store');
          done();
        });
        addAuthentication(scope, authenticate);
        if (isForAdmins) requireAdmin(scope);
        refuseLargeBodies(scope, maxBodyBytes);
        for (const register of registers) register(scope, routeOptions);
      },
      { prefix },
    );
  }
  registerSignInRoute(app, options);
  registerHealthRoutes(app, options.health);
  registerMediaRoutes(app, { ...options, losses });
  await app.register(async (scope) => registerUploadRoutes(scope, options));
  await registerDocsRoutes(app, options);
  await registerConsoleRoutes(app, options);
  refuseOtherMethods(app, routes);
  return app;
}

/** Watches the routes that are registered from now on: their methods by their address. */
function collectRoutes(app: FastifyInstance): ReadonlyMap<string, ReadonlySet<string>> {
  const routes = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const methods = routes.get(url) ?? new Set();
    for (const one of [method].flat()) methods.add(one);
    routes.set(url, methods);
  });
  return routes;
}
