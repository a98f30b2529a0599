import { mkdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Config } from './config/load-config.ts';
import { toLocalUrl } from './config/local-url.ts';
import { listModels } from './core/catalogue.ts';
import { createLocalNotifier } from './events/notifier.ts';
import { createApp } from './http/app.ts';
import { ensureFirstKey } from './keys/api-keys.ts';
import { ConversationTurns } from './media/conversation/conversation-turns.ts';
import { createDiskDriver } from './media/drivers/disk.ts';
import { MediaStore } from './media/media-store.ts';
import { createReferenceFetcher } from './media/references/reference-fetcher.ts';
import { systemChance } from './platform/chance.ts';
import { systemClock } from './platform/clock.ts';
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

/**
 * The only place where concrete classes are made and wired. Everything is opened here; the services start in this order
 * and stop in reverse: sandbox, worker, API.
 */
export async function composeServer(config: Config, logger: Logger): Promise<Server> {
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const store = openStore(config);
  try {
    return await composeAround(store, config, logger);
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The store alone, for commands that work beside a server. */
export function openStore({ dataDir }: Config): SqliteStore {
  return openSqliteStore({ file: path.join(dataDir, 'darkroom.db') });
}

async function composeAround(store: SqliteStore, config: Config, logger: Logger): Promise<Server> {
  const clock = systemClock;
  if (config.apiKey === undefined) await ensureFirstKey(store.keys, config.dataDir, clock.now());
  const media = composeMedia(config);
  await media.check();
  const spoolFolder = await prepareSpool(path.join(config.dataDir, 'spool'));
  const notifier = createLocalNotifier();
  const fetcher = createReferenceFetcher({ ...config, clock, chance: systemChance });
  const upstream = composeUpstream(config, spoolFolder, logger);
  const worker = createWorker({
    ...config,
    store: store.requests,
    media,
    model: upstream.model,
    turns: new ConversationTurns({ store: store.requests, media, fetcher }),
    notifier,
    name: `${os.hostname()}-${process.pid}`,
    spoolFolder,
    clock,
    chance: systemChance,
    logger,
  });
  let url = '';
  const app = await createApp({
    store: store.requests,
    keys: store.keys,
    media,
    notifier,
    health: { store: () => store.requests.check(), media: () => media.check() },
    spoolFolder,
    uploadSecret: await store.keys.ensureSecret('upload', createSecret(256)),
    apiKey: config.apiKey,
    publicUrl: () => config.publicUrl ?? url,
    clock,
    logger,
  });
  const api = createApiService(app, config, (address) => {
    url = address;
  });
  const closeStore: Service = { start: async () => undefined, stop: () => store.close() };
  const closeFetcher: Service = { start: async () => undefined, stop: () => fetcher.close() };
  const services = combineServices([closeStore, ...upstream.services, closeFetcher, worker, api]);
  return {
    ...services,
    get url() {
      return url;
    },
    handBack: () => worker.handBack(),
  };
}

function composeMedia({ dataDir }: Config): MediaStore {
  return new MediaStore(createDiskDriver({ folder: path.join(dataDir, 'media') }));
}

/** What can be examined without a server: each resolves to a sentence about what is well, or rejects with one. */
export function composeChecks(config: Config): Readonly<Record<'store' | 'media' | 'upstream', () => Promise<string>>> {
  return {
    store: async () => {
      const store = openStore(config);
      await store.requests.check().finally(() => store.close());
      return 'the database answers';
    },
    media: async () => {
      await composeMedia(config).check();
      return 'pictures can be stored';
    },
    upstream: () => checkUpstream(config),
  };
}

async function checkUpstream({ upstream, geminiApiVersion: apiVersion }: Config): Promise<string> {
  if (upstream.kind === 'sandbox') return 'the sandbox draws; with GEMINI_API_KEY pictures come from Google';
  const model = new GoogleImageModel({
    baseUrl: upstream.baseUrl,
    apiVersion,
    apiKey: upstream.apiKey,
    clock: systemClock,
  });
  try {
    const ids = new Set(listModels().map(({ upstreamId }) => upstreamId));
    for (const id of ids) {
      const check = await model.check(id, AbortSignal.timeout(10_000));
      if (check.kind === 'failed') throw new Error(`${id}: ${check.failure.message}`);
    }
    return `${upstream.baseUrl} takes the key and has ${[...ids].join(' and ')}`;
  } finally {
    await model.close();
  }
}

/** The image model: Google's, or the same client talking to the sandbox of this process. */
function composeUpstream(config: Config, spoolFolder: string, logger: Logger) {
  const { upstream, geminiApiVersion: apiVersion } = config;
  const clock = systemClock;
  if (upstream.kind === 'google') {
    const model = new GoogleImageModel({ baseUrl: upstream.baseUrl, apiVersion, apiKey: upstream.apiKey, clock });
    return { model, services: [toService(model)] };
  }
  const sandbox = composeSandbox({ host: '127.0.0.1', port: 0, spoolFolder, logger });
  const model = new GoogleImageModel({
    // Read at every call: the sandbox knows its port only once it listens.
    get baseUrl() {
      return sandbox.url;
    },
    apiVersion,
    apiKey: 'key-of-the-built-in-sandbox',
    clock,
  });
  return { model, services: [sandbox, toService(model)] };
}

/** The sandbox alone. `spoolFolder` must exist. */
export function composeSandbox(options: Omit<SandboxServerOptions, 'clock'>): SandboxServer {
  return createSandboxServer({ ...options, clock: systemClock });
}

function toService(model: GoogleImageModel): Service {
  return { start: async () => undefined, stop: () => model.close() };
}

function createApiService(app: FastifyInstance, { host, port }: Config, onListening: (url: string) => void): Service {
  return {
    start: async () => {
      await app.listen({ host, port });
      const address = app.server.address();
      onListening(toLocalUrl({ host, port: typeof address === 'object' && address ? address.port : port }));
    },
    stop: () => app.close(),
  };
}
