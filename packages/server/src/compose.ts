import { mkdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Config } from './config/load-config.ts';
import { toLocalUrl } from './config/local-url.ts';
import type { UpstreamConfig } from './config/upstreams.ts';
import { listModels } from './core/catalogue.ts';
import { createEventHub } from './events/event-hub.ts';
import { hintChanges } from './events/hint-changes.ts';
import { createLocalNotifier } from './events/notifier.ts';
import { createWebhookSecrets } from './events/webhooks/webhook-secrets.ts';
import { createWebhookSender } from './events/webhooks/webhook-sender.ts';
import { createWebhookRules } from './events/webhooks/webhook-url.ts';
import { createApp } from './http/app.ts';
import { toToldRecord } from './http/wire.ts';
import { ensureFirstKey } from './keys/api-keys.ts';
import { ConversationTurns } from './media/conversation/conversation-turns.ts';
import { createDiskDriver } from './media/drivers/disk.ts';
import { MediaStore } from './media/media-store.ts';
import { createReferenceFetcher } from './media/references/reference-fetcher.ts';
import type { StorageDriver } from './media/storage-driver.ts';
import { systemChance } from './platform/chance.ts';
import { type Clock, systemClock } from './platform/clock.ts';
import { createHeadroom } from './platform/headroom.ts';
import { createSecret } from './platform/ids.ts';
import type { Logger } from './platform/logger.ts';
import type { Service } from './platform/service.ts';
import { combineServices } from './platform/services.ts';
import { GoogleImageModel } from './providers/google/google-image-model.ts';
import { createSandboxServer, type SandboxServer, type SandboxServerOptions } from './sandbox/sandbox-server.ts';
import { openSqliteStore, type SqliteStore } from './store/sqlite/open-sqlite-store.ts';
import { prepareSpool } from './worker/spool-sweeper.ts';
import { createWorker } from './worker/worker.ts';

/** A whole Darkroom in one process. */
export interface Server extends Service {
  /** `http://host:port` where it listens, once it has started. */
  readonly url: string;
  /** Makes a `stop` that is under way give back the work it still waits for. */
  handBack(): void;
}

/** What a test may put in the place of the real thing. */
export interface Parts {
  readonly clock?: Clock;
  /** Given the driver of the pictures, gives the one to use. */
  readonly wrapDriver?: (driver: StorageDriver) => StorageDriver;
}

/**
 * The only place where concrete classes are made and wired. Everything is opened here; the services start in this order
 * and stop in reverse: sandbox, worker, API.
 */
export async function composeServer(config: Config, logger: Logger, parts: Parts = {}): Promise<Server> {
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const store = openStore(config);
  try {
    return await composeAround(store, config, { logger, parts });
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The store alone, for commands that work beside a server. */
export function openStore({ dataDir }: Config): SqliteStore {
  return openSqliteStore({ file: path.join(dataDir, 'darkroom.db') });
}

function openMedia({ dataDir }: Config, { wrapDriver = (driver) => driver }: Parts = {}): MediaStore {
  return new MediaStore(wrapDriver(createDiskDriver({ folder: path.join(dataDir, 'media') })));
}

async function composeAround(
  store: SqliteStore,
  config: Config,
  { logger, parts }: { readonly logger: Logger; readonly parts: Parts },
): Promise<Server> {
  const { clock = systemClock } = parts;
  if (config.apiKey === undefined) await ensureFirstKey(store.keys, config.dataDir, clock.now());
  const media = openMedia(config, parts);
  await media.check();
  const spoolRoot = path.join(config.dataDir, 'spool');
  const notifier = createLocalNotifier();
  const requests = hintChanges(store.requests, notifier);
  const spool = await prepareSpool(spoolRoot, { store: requests, media, clock, logger });
  const shared = { ...config, media, notifier, spoolFolder: spool.folder, clock, logger };
  const headroom = createHeadroom({ ...shared, folder: config.dataDir });
  const fetcher = createReferenceFetcher({ ...shared, chance: systemChance });
  const { pool, services: upstreams } = composeUpstreams(config, shared);
  const worker = createWorker({
    ...shared,
    store: requests,
    pool,
    headroom,
    turns: new ConversationTurns({ store: requests, media, fetcher }),
    name: `${os.hostname()}-${process.pid}`,
    chance: systemChance,
  });
  let url = '';
  const publicUrl = () => config.publicUrl ?? url;
  const webhooks = {
    webhooks: store.webhooks,
    webhookSecrets: createWebhookSecrets(await store.keys.ensureSecret('webhook', createSecret(256))),
    webhookRules: createWebhookRules(config.allowPrivateHosts),
  };
  const webhookSender = createWebhookSender({
    ...shared,
    ...webhooks,
    store: requests,
    toRecordText: (request) => toToldRecord(request, { publicUrl: publicUrl(), media }),
    chance: systemChance,
  });
  const hub = createEventHub({ ...shared, events: store.events, requests });
  const app = await createApp({
    ...shared,
    store: requests,
    keys: store.keys,
    upstreams: store.upstreams,
    budgets: store.budgets,
    events: store.events,
    hub,
    pool,
    headroom,
    health: { store: () => store.requests.check(), media: () => media.check() },
    uploadSecret: await store.keys.ensureSecret('upload', createSecret(256)),
    ...webhooks,
    webhookSender,
    publicUrl,
  });
  const api = createApiService(app, config, (address) => {
    url = address;
  });
  const services = combineServices([
    toService(() => store.close()),
    spool,
    ...upstreams,
    toService(() => fetcher.close()),
    headroom,
    worker,
    api,
    // Last: what it sends holds the address that the API listens on.
    webhookSender,
    // Stops first: an API with open streams would never close.
    hub,
  ]);
  return {
    ...services,
    get url() {
      return url;
    },
    handBack: () => worker.handBack(),
  };
}

/** The lifetime of what needs no start. */
function toService(close: () => Promise<void>): Service {
  return { start: async () => undefined, stop: close };
}

/** What can be examined without a server: each resolves to a sentence about what is well, or rejects with one. */
export interface Checks {
  readonly store: () => Promise<string>;
  readonly media: () => Promise<string>;
  /** By the upstreams' names. */
  readonly upstreams: ReadonlyMap<string, () => Promise<string>>;
}

export function composeChecks(config: Config): Checks {
  return {
    store: async () => {
      const store = openStore(config);
      await store.requests.check().finally(() => store.close());
      return 'the database answers';
    },
    media: async () => {
      await openMedia(config).check();
      return 'pictures can be stored';
    },
    upstreams: new Map(config.upstreams.map((upstream) => [upstream.name, () => checkUpstream(upstream, config)])),
  };
}

async function checkUpstream(upstream: UpstreamConfig, { geminiApiVersion: apiVersion }: Config): Promise<string> {
  if (upstream.kind === 'sandbox') return 'the sandbox draws; with GEMINI_API_KEY pictures come from Google';
  const { apiKey, baseUrl } = upstream;
  const model = new GoogleImageModel({ apiKey, baseUrl, apiVersion, clock: systemClock });
  try {
    const ids = new Set(listModels().map(({ upstreamId }) => upstreamId));
    for (const id of ids) {
      const check = await model.check(id, AbortSignal.timeout(10_000));
      if (check.kind === 'failed') throw new Error(`${id}: ${check.failure.message}`);
    }
    return `${baseUrl} takes the key and has ${[...ids].join(' and ')}`;
  } finally {
    await model.close();
  }
}

interface Around {
  readonly spoolFolder: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Who makes the pictures, and what has to run for that. */
function composeUpstreams(config: Config, around: Around) {
  const members = config.upstreams.map((upstream) => {
    const { name, limits } = upstream;
    const { model, services } = composeUpstream(upstream, { ...around, apiVersion: config.geminiApiVersion });
    return { member: { name, limits, model }, services };
  });
  return { pool: members.map(({ member }) => member), services: members.flatMap(({ services }) => services) };
}

/** The image model of one upstream: Google's, or the same client talking to the sandbox of this process. */
function composeUpstream(
  upstream: UpstreamConfig,
  { apiVersion, spoolFolder, clock, logger }: Around & { readonly apiVersion: string },
) {
  if (upstream.kind === 'google') {
    const { apiKey, baseUrl } = upstream;
    const model = new GoogleImageModel({ apiKey, baseUrl, apiVersion, clock });
    return { model, services: [toService(() => model.close())] };
  }
  const sandbox = composeSandbox({ host: '127.0.0.1', port: 0, spoolFolder, logger });
  const model = new GoogleImageModel({
    // Read at every call: the sandbox knows its port only once it listens.
    get baseUrl() {
      return sandbox.url;
    },
    apiKey: 'key-of-the-built-in-sandbox',
    apiVersion,
    clock,
  });
  return { model, services: [sandbox, toService(() => model.close())] };
}

/** The sandbox alone. `spoolFolder` must exist. */
export function composeSandbox(options: Omit<SandboxServerOptions, 'clock'>): SandboxServer {
  return createSandboxServer({ ...options, clock: systemClock });
}

function createApiService(app: FastifyInstance, { host, port }: Config, onListening: (url: string) => void): Service {
  return {
    start: async () => {
      await app.listen({ host, port });
      const address = app.server.address();
      onListening(toLocalUrl({ host, port: typeof address === 'object' && address ? address.port : port }));
    },
    stop: () => closeApp(app),
  };
}

/** So long the answers under way get when the API stops, in milliseconds. */
const closingMs = 2_000;

/**
 * Node does not take a connection for idle on which nothing was asked yet, as browsers open them ahead: left alone, one
 * such would keep the process from ever stopping.
 */
async function closeApp(app: FastifyInstance): Promise<void> {
  const isClosed = new AbortController();
  const closed = app.close().finally(() => isClosed.abort());
  await Promise.race([closed, systemClock.sleep(closingMs, isClosed.signal)]);
  app.server.closeAllConnections();
  await closed;
}
