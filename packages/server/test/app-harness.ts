import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { afterEach, beforeEach } from 'vitest';
import { createAdmin } from '../src/admin/admin.ts';
import { adminPart } from '../src/admin/openapi/admin-part.ts';
import type { Upstream } from '../src/core/upstreams.ts';
import { createEventHub, type EventHub } from '../src/events/event-hub.ts';
import { hintWrites } from '../src/events/hint-writes.ts';
import { createLocalNotifier, type Notifier } from '../src/events/notifier.ts';
import { createWebhookSecrets } from '../src/events/webhooks/webhook-secrets.ts';
import { createWebhookSender } from '../src/events/webhooks/webhook-sender.ts';
import { createWebhookRules } from '../src/events/webhooks/webhook-url.ts';
import { createApp } from '../src/http/app.ts';
import { healthPart, housePart } from '../src/http/openapi/house-parts.ts';
import { housePrefix } from '../src/http/prefixes.ts';
import { createSessionAccess } from '../src/http/sessions.ts';
import { createIntake } from '../src/intake/intake.ts';
import { createApiKey } from '../src/keys/api-keys.ts';
import { createKeyUse } from '../src/keys/key-use.ts';
import { createFindOwnLimits } from '../src/keys/own-limits.ts';
import { createSignIn, type SignIn } from '../src/keys/sign-in.ts';
import { createDiskDriver } from '../src/media/drivers/disk.ts';
import { MediaStore } from '../src/media/media-store.ts';
import { PictureLosses } from '../src/media/picture-losses.ts';
import { createStorageRoom } from '../src/media/storage-room.ts';
import { Thumbnails } from '../src/media/thumbnails.ts';
import { createSessions, type Sessions } from '../src/people/sessions.ts';
import { DamageCount } from '../src/platform/damage.ts';
import type { DiskShares } from '../src/platform/disk-shares.ts';
import type { Headroom } from '../src/platform/headroom.ts';
import { createLogger } from '../src/platform/logger.ts';
import type { RequestStore } from '../src/store/request-store.ts';
import type { Store } from '../src/store/store.ts';
import { createQueueWire } from '../src/wires/queue/queue-wire.ts';
import { toRecordChunks, toToldRecord } from '../src/wires/queue/records/request-record.ts';
import type { Wire, WirePorts } from '../src/wires/wire.ts';
import { guardAnswers } from './answer-guard.ts';
import { ManualClock } from './fakes/manual-clock.ts';
import { models } from './models.ts';
import { openNewStore } from './store/migrated-file.ts';

export const requestsUrl = `${housePrefix}/requests`;
export const model = 'gemini-3-pro-image-preview';
export const upstreamModel = 'gemini-3-pro-image';
export const pool: readonly Upstream[] = [{ name: 'main', limits: { concurrency: 2 } }];

/** The whole app on a real store, in a folder of its own, with a clock that stands still. */
export interface AppHarness {
  readonly folder: string;
  readonly store: Store;
  readonly app: FastifyInstance;
  readonly clock: ManualClock;
  readonly notifier: Notifier;
  readonly hub: EventHub;
  readonly signIn: SignIn;
  readonly sessions: Sessions;
  /** A key of the default organization that is no admin's. */
  readonly key: string;
  readonly adminKey: string;
  /** What the headroom refuses with. */
  shortage: string | undefined;
  /** What it refuses a key with that fills the disk. */
  share: string | undefined;
  /** A call by `as`, the key when left out; an empty text calls without one. */
  call(options: InjectOptions, as?: string): Promise<LightMyRequestResponse>;
  submit(payload: unknown, more?: SubmitOptions): Promise<LightMyRequestResponse>;
  admin(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    payload?: object,
  ): Promise<LightMyRequestResponse>;
}

interface SubmitOptions {
  readonly as?: string;
  readonly headers?: Record<string, string>;
  /** Beside `model` and `payload`. */
  readonly body?: object;
}

export interface HarnessOptions {
  /** Given the store, gives the one that the app uses. */
  readonly wrapStore?: (store: RequestStore) => RequestStore;
  /** Left out: there is the queue wire. */
  readonly wires?: (ports: WirePorts) => readonly Wire[];
  readonly keepAliveMs?: number;
  readonly maxQueued?: number;
  readonly requestsPerMinute?: number;
  readonly maxStreams?: number;
  readonly maxEndpoints?: number;
  readonly uploadsPerMinute?: number;
  readonly maxUnusedUploadBytes?: number;
}

/** A new app for each test of the file; what it returns is filled in before each. */
export function useApp(options: HarnessOptions = {}): { readonly current: AppHarness } {
  let harness: AppHarness | undefined;
  beforeEach(async () => {
    harness = await openApp(options);
  });
  afterEach(async () => {
    await harness?.hub.stop();
    // Node waits for a connection on which nothing was asked yet: a client may have opened one and given up.
    harness?.app.server.closeAllConnections();
    await harness?.app.close();
    await harness?.store.close();
    if (harness) await rm(harness.folder, { recursive: true });
  });
  return {
    get current() {
      if (!harness) throw new Error('The app is there during tests alone.');
      return harness;
    },
  };
}

async function openApp({ wrapStore = (store) => store, ...limits }: HarnessOptions): Promise<AppHarness> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-http-'));
  const opened = openNewStore(path.join(folder, 'darkroom.db'));
  const clock = new ManualClock();
  const logger = createLogger('silent');
  const notifier = createLocalNotifier();
  const store = { ...opened, ...hintWrites(opened, notifier) };
  const { events, keys, organizations, upstreams, budgets, uploads } = store;
  const assertStorageRoom = createStorageRoom(organizations);
  const hub = createEventHub({ events, requests: store.requests, notifier, clock, logger });
  await hub.start();
  const media = new MediaStore(createDiskDriver({ folder: path.join(folder, 'media') }));
  await media.check();
  const key = await createApiKey(keys, { name: 'test', now: clock.now() });
  const adminKey = await createApiKey(keys, { name: 'operator', isAdmin: true, now: clock.now() });
  const signIn = createSignIn({ keys, audit: store.audit, clock });
  const sessions = createSessions({ ...store, idleMs: 2 * 3_600_000, lifetimeMs: 12 * 3_600_000, clock, logger });
  const headroom: Headroom & DiskShares = {
    refusal: () => harness.shortage,
    mustRest: () => false,
    admit: () => harness.share,
  };
  const publicUrl = () => 'http://darkroom.example';
  const requests = wrapStore(store.requests);
  // The loopback is where tests have their receivers.
  const webhookRules = createWebhookRules(['127.0.0.1']);
  const webhookSecrets = createWebhookSecrets('webhook-secret');
  const webhookSender = createWebhookSender({
    webhooks: store.webhooks,
    webhookSecrets,
    webhookRules,
    store: store.requests,
    toRecordText: (request) => toToldRecord(request, { publicUrl: publicUrl(), media }),
    notifier,
    clock,
    machine: clock,
    chance: () => 0.5,
    logger,
  });
  const uploadOptions = {
    media,
    uploads,
    findOwnLimits: createFindOwnLimits(store),
    assertStorageRoom,
    maxUnusedUploadBytes: limits.maxUnusedUploadBytes ?? 100 * 2 ** 20,
    unusedUploadMs: 24 * 3_600_000,
    spoolFolder: folder,
    headroom,
    clock,
  };
  const intake = createIntake({
    store: requests,
    openCalls: store.openCalls,
    removals: store.removals,
    models,
    inline: { media, spoolFolder: folder, headroom, assertStorageRoom, logger },
    maxQueued: limits.maxQueued ?? 100_000,
    webhookRules,
    hub,
    queue: { upstreams, events, pool },
    uploads: uploadOptions,
    deletions: { webhooks: store.webhooks, audit: store.audit, media, tombstoneMs: 24 * 3_600_000, logger },
    clock,
  });
  const losses = new PictureLosses({
    media,
    store: requests,
    removals: store.removals,
    clock,
    damage: new DamageCount(logger),
  });
  const maxEndpoints = limits.maxEndpoints ?? 50;
  const webhooks = { webhooks: store.webhooks, webhookSecrets, webhookSender, webhookRules, maxEndpoints, clock };
  const keepAliveMs = limits.keepAliveMs ?? 40_000;
  const ports: WirePorts = { intake, models, media, losses, publicUrl, keepAliveMs, clock, logger };
  const queueWire = createQueueWire({ ...ports, store: requests, events, hub, budgets, webhooks });
  const app = await createApp({
    wires: limits.wires?.(ports) ?? [queueWire],
    admin: createAdmin({
      intake,
      store: requests,
      toRecordChunks: (request) => toRecordChunks(request, { publicUrl: publicUrl(), media, placeOf: intake.placeOf }),
      upstreams,
      pool,
      models,
      budgets,
      keys,
      sessions: store.sessions,
      organizations,
      events,
      batchJobs: store.batchJobs,
      audit: store.audit,
      clock,
    }),
    authentication: {
      keys,
      organizations,
      keyUse: createKeyUse({ keys, logger }),
      configuredKey: 'configured-key',
      sessions: createSessionAccess(sessions, publicUrl),
      clock,
    },
    // `inject` calls from here.
    trustedProxies: ['127.0.0.1'],
    corsOrigins: ['*'],
    gates: {
      headroom,
      requestsPerMinute: limits.requestsPerMinute,
      maxStreams: limits.maxStreams ?? 500,
      clock,
    },
    signIn,
    me: { isSandbox: false },
    uploads: {
      ...uploadOptions,
      uploadsPerMinute: limits.uploadsPerMinute ?? 600,
      deleteUpload: intake.deleteUpload,
      uploadSecret: 'upload-secret',
      headroom,
      publicUrl,
    },
    media: { media, losses, thumbnails: new Thumbnails({ media, losses, folder }) },
    console: { publicUrl, media },
    health: { checks: { store: () => store.requests.check() }, damage: () => ({}) },
    metrics: { contentType: 'text/plain', read: async () => '' },
    logger,
  });
  // A wire of a test's own may answer as it likes.
  if (!limits.wires) guardAnswers(app, [queueWire.openApi, housePart, adminPart, healthPart]);
  const call: AppHarness['call'] = async (request, as = key) =>
    app.inject({ ...request, headers: { ...(as && { authorization: `Bearer ${as}` }), ...request.headers } });
  const harness: AppHarness = {
    folder,
    store,
    app,
    clock,
    notifier,
    hub,
    signIn,
    sessions,
    key,
    adminKey,
    shortage: undefined,
    share: undefined,
    call,
    submit: (payload, { as, headers = {}, body } = {}) =>
      call({ method: 'POST', url: requestsUrl, payload: { model, payload, ...body }, headers }, as),
    admin: (method, url, payload) =>
      call({ method, url: `/api/v1/admin${url}`, ...(payload && { payload }) }, adminKey),
  };
  await app.ready();
  return harness;
}
