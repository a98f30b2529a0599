import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { afterEach, beforeEach } from 'vitest';
import type { Upstream } from '../src/core/upstreams.ts';
import { createEventHub, type EventHub } from '../src/events/event-hub.ts';
import { hintChanges } from '../src/events/hint-changes.ts';
import { createLocalNotifier, type Notifier } from '../src/events/notifier.ts';
import { createWebhookSecrets } from '../src/events/webhooks/webhook-secrets.ts';
import { createWebhookSender } from '../src/events/webhooks/webhook-sender.ts';
import { createWebhookRules } from '../src/events/webhooks/webhook-url.ts';
import { type AppOptions, createApp } from '../src/http/app.ts';
import { wirePrefix } from '../src/http/prefixes.ts';
import { createApiKey } from '../src/keys/api-keys.ts';
import { createSignIn, type SignIn } from '../src/keys/sign-in.ts';
import { createDiskDriver } from '../src/media/drivers/disk.ts';
import { MediaStore } from '../src/media/media-store.ts';
import { createLogger } from '../src/platform/logger.ts';
import type { RequestStore } from '../src/store/request-store.ts';
import { openSqliteStore, type SqliteStore } from '../src/store/sqlite/open-sqlite-store.ts';
import { toToldRecord } from '../src/wires/queue/records/wire.ts';
import { ManualClock } from './fakes/manual-clock.ts';
import { models } from './models.ts';

export const requestsUrl = `${wirePrefix}/requests`;
export const model = 'gemini-3-pro-image-preview';
export const upstreamModel = 'gemini-3-pro-image';
export const pool: readonly Upstream[] = [{ name: 'main', limits: { concurrency: 2 } }];

/** The whole app on a real store, in a folder of its own, with a clock that stands still. */
export interface AppHarness {
  readonly folder: string;
  readonly store: SqliteStore;
  readonly app: FastifyInstance;
  readonly clock: ManualClock;
  readonly notifier: Notifier;
  readonly hub: EventHub;
  readonly signIn: SignIn;
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
  admin(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: object): Promise<LightMyRequestResponse>;
}

interface SubmitOptions {
  readonly as?: string;
  readonly headers?: Record<string, string>;
  /** Beside `model` and `payload`. */
  readonly body?: object;
}

export interface HarnessOptions
  extends Partial<
    Pick<
      AppOptions,
      'maxQueued' | 'requestsPerMinute' | 'maxStreams' | 'maxEndpoints' | 'uploadsPerMinute' | 'maxUnusedUploadBytes'
    >
  > {
  /** Given the store, gives the one that the app uses. */
  readonly wrapStore?: (store: RequestStore) => RequestStore;
}

/** A new app for each test of the file; what it returns is filled in before each. */
export function useApp(options: HarnessOptions = {}): { readonly current: AppHarness } {
  let harness: AppHarness | undefined;
  beforeEach(async () => {
    harness = await openApp(options);
  });
  afterEach(async () => {
    await harness?.hub.stop();
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
  const opened = openSqliteStore({ file: path.join(folder, 'darkroom.db') });
  const clock = new ManualClock();
  const notifier = createLocalNotifier();
  const requests = hintChanges(opened.requests, notifier);
  const store = { ...opened, requests };
  const { events } = store;
  const hub = createEventHub({ events, requests, notifier, clock, logger: createLogger('silent') });
  await hub.start();
  const media = new MediaStore(createDiskDriver({ folder: path.join(folder, 'media') }));
  await media.check();
  const key = await createApiKey(store.keys, { name: 'test', now: clock.now() });
  const adminKey = await createApiKey(store.keys, { name: 'operator', isAdmin: true, now: clock.now() });
  const webhooks = {
    webhooks: store.webhooks,
    webhookSecrets: createWebhookSecrets('webhook-secret'),
    // The loopback is where tests have their receivers.
    webhookRules: createWebhookRules(['127.0.0.1']),
  };
  const signIn = createSignIn({ keys: store.keys, clock });
  const app = await createApp({
    ...webhooks,
    webhookSender: createWebhookSender({
      ...webhooks,
      store: store.requests,
      toRecordText: (request) => toToldRecord(request, { publicUrl: 'http://darkroom.example', media }),
      notifier,
      clock,
      machine: clock,
      chance: () => 0.5,
      logger: createLogger('silent'),
    }),
    store: wrapStore(store.requests),
    keys: store.keys,
    signIn,
    upstreams: store.upstreams,
    budgets: store.budgets,
    events,
    uploads: store.uploads,
    hub,
    pool,
    models,
    isSandbox: false,
    media,
    notifier,
    spoolFolder: folder,
    uploadSecret: 'upload-secret',
    health: { store: () => store.requests.check() },
    headroom: { refusal: () => harness.shortage, mustRest: () => false, admit: () => harness.share },
    maxQueued: 100_000,
    requestsPerMinute: undefined,
    maxStreams: 500,
    maxEndpoints: 50,
    uploadsPerMinute: 600,
    maxUnusedUploadBytes: 100 * 2 ** 20,
    unusedUploadMs: 24 * 3_600_000,
    apiKey: 'configured-key',
    publicUrl: () => 'http://darkroom.example',
    clock,
    logger: createLogger('silent'),
    ...limits,
  });
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
