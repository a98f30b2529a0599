import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createSandboxServer, type SandboxServer } from '@darkroom/sandbox';
import sharp from 'sharp';
import type { GatheringRules } from '../src/core/batch-jobs.ts';
import type { ImageRequest } from '../src/core/image-request.ts';
import type { Order } from '../src/core/order.ts';
import { createLocalNotifier } from '../src/events/notifier.ts';
import { ConversationTurns } from '../src/media/conversation/conversation-turns.ts';
import { createDiskDriver } from '../src/media/drivers/disk.ts';
import { MediaStore } from '../src/media/media-store.ts';
import { createReferenceFetcher } from '../src/media/references/reference-fetcher.ts';
import { systemClock } from '../src/platform/clock.ts';
import { createRequestId } from '../src/platform/ids.ts';
import { createLogger } from '../src/platform/logger.ts';
import type { BatchModel, BatchOrder } from '../src/providers/batch-model.ts';
import { GoogleImageModel } from '../src/providers/google/google-image-model.ts';
import { createStudioService } from '../src/providers/google/studio-service.ts';
import { clearFolder } from '../src/recovery/clear-folder.ts';
import type { NewRequest } from '../src/store/request-store.ts';
import type { Store } from '../src/store/store.ts';
import { createWorker, type Worker } from '../src/worker/worker.ts';
import { ManualClock } from './fakes/manual-clock.ts';
import { turnRules } from './fakes/turn-rules.ts';
import { models } from './models.ts';
import { openNewStore } from './store/migrated-file.ts';

const logger = createLogger('silent');

/** Workers that can be killed at any call, on one store, before one sandbox, with a clock that only the test moves. */
export interface BatchHarness {
  readonly store: Store;
  readonly sandbox: SandboxServer;
  readonly clock: ManualClock;
  /** A process with one worker. */
  start(options?: StartOptions): Promise<Process>;
  submit(prompt: string, changes?: Partial<NewRequest> & { readonly images?: number }): Promise<string>;
  find(id: string): Promise<ImageRequest>;
  /** Lets time pass until this is true. `stepMs`: as much as passes between two looks. */
  until(isTrue: () => Promise<boolean> | boolean, stepMs?: number): Promise<void>;
  untilEnded(ids: readonly string[], stepMs?: number): Promise<readonly ImageRequest[]>;
  /** Stops all workers; those that were killed are left behind. */
  stopWorkers(): Promise<void>;
  /** The objects in the storage. */
  stored(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export interface Process {
  readonly worker: Worker;
  readonly isDead: () => boolean;
  /** Does what the next process on the machine does with the spool of one that was killed. */
  sweep(): Promise<void>;
}

export interface StartOptions {
  /** Kills the process at the n-th call of this name; `after`: the call was made, and its answer is lost. */
  readonly killAt?: { readonly call: string; readonly when: 'before' | 'after'; readonly count?: number };
  readonly gathering?: Partial<GatheringRules>;
  readonly wrap?: (batches: BatchModel) => BatchModel;
}

export async function startBatchHarness(batchDelayMs = 0): Promise<BatchHarness> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-batch-'));
  const mediaFolder = path.join(folder, 'media');
  const store = openNewStore(path.join(folder, 'darkroom.db'));
  const clock = new ManualClock();
  const tiny = await sharp({ create: { width: 32, height: 32, channels: 3, background: '#a32' } })
    .jpeg()
    .toBuffer();
  const sandbox = createSandboxServer({
    host: '127.0.0.1',
    port: 0,
    spoolFolder: folder,
    batchDelayMs,
    illustrate: async () => tiny,
  });
  await sandbox.start();
  const fetcher = createReferenceFetcher({ allowPrivateHosts: [], clock: systemClock, chance: () => 0 });
  const service = createStudioService({ baseUrl: sandbox.url, apiKey: 'a-test-key' });
  const model = new GoogleImageModel({ service, clock: systemClock });
  const media = new MediaStore(createDiskDriver({ folder: mediaFolder }));
  await media.check();
  const processes: Process[] = [];
  let started = 0;

  const start = async ({ killAt, gathering, wrap = (one) => one }: StartOptions = {}): Promise<Process> => {
    const life = new Life(killAt);
    started += 1;
    const spoolFolder = path.join(folder, `spool-${started}`);
    await mkdir(spoolFolder);
    const requests = mortal(store.requests, life);
    const batches = model.batches && mortalBatches(wrap(model.batches), life);
    const worker = createWorker({
      store: requests,
      openCalls: store.openCalls,
      batchJobs: mortal(store.batchJobs, life),
      gathering: { maxRequests: 100, maxWaitMs: 2_000, ...gathering },
      media,
      pool: [
        {
          name: 'main',
          limits: {},
          model: {
            generate: (...given) => model.generate(...given),
            check: (...given) => model.check(...given),
            batches,
          },
          turnRules,
        },
      ],
      models,
      turns: new ConversationTurns({
        store: requests,
        uploads: store.uploads,
        removals: store.removals,
        media,
        fetcher,
        publicUrl: () => 'http://darkroom.test',
      }),
      notifier: createLocalNotifier(),
      headroom: { refusal: () => undefined, mustRest: () => false },
      lostAnswerRetries: 1,
      name: `worker-${started}`,
      spoolFolder,
      concurrency: 4,
      drainMs: 0,
      clock,
      chance: () => 0,
      logger,
    });
    await worker.start();
    const process: Process = {
      worker,
      isDead: () => life.isOver,
      sweep: async () => {
        for (const name of await readdir(spoolFolder))
          await clearFolder(path.join(spoolFolder, name), { store: store.requests, media });
      },
    };
    processes.push(process);
    return process;
  };

  const stopWorkers = async () => {
    const living = processes.splice(0).filter(({ isDead }) => !isDead());
    for (const { worker } of living) worker.handBack();
    let isStopped = false;
    const stopping = Promise.all(living.map(({ worker }) => worker.stop())).then(() => {
      isStopped = true;
    });
    // A shutdown waits by this clock, too.
    for (; !isStopped; await pause(2)) clock.advance(1_000);
    await stopping;
  };

  const find = async (id: string) => {
    const found = await store.requests.find('org-a', id);
    if (!found) throw new Error('There is no such request.');
    return found;
  };
  const until: BatchHarness['until'] = async (isTrue, stepMs = 1_000) => {
    for (let step = 0; !(await isTrue()); step += 1) {
      if (step > 1_500) throw new Error('It does not happen.');
      clock.advance(stepMs);
      await pause(4);
    }
  };
  return {
    store,
    sandbox,
    clock,
    start,
    find,
    until,
    submit: async (prompt, { images = 1, order = {}, ...changes } = {}) => {
      const request = toBatchRequest(clock.now(), { prompt, images, order });
      const result = await store.requests.submit({ ...request, ...changes });
      if (result.kind !== 'submitted') throw new Error(result.kind);
      return result.request.id;
    },
    untilEnded: async (ids, stepMs) => {
      const isEnded = async (id: string) => !['queued', 'processing'].includes((await find(id)).status);
      await until(async () => (await Promise.all(ids.map(isEnded))).every(Boolean), stepMs);
      return Promise.all(ids.map(find));
    },
    stored: async () => {
      const entries = await readdir(mediaFolder, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    },
    stopWorkers,
    stop: async () => {
      await stopWorkers();
      await fetcher.close();
      await model.close();
      await sandbox.stop();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function toBatchRequest(
  now: number,
  { prompt, images, order }: { readonly prompt: string; readonly images: number; readonly order: Partial<Order> },
): NewRequest {
  return {
    id: createRequestId(),
    maxQueued: 1_000,
    organizationId: 'org-a',
    apiKeyId: 'key',
    model: 'gemini-3-pro-image',
    payload: '{}',
    inline: [],
    order: {
      parameters: { imageSize: '1K', aspectRatio: '1:1' },
      format: 'jpeg',
      images,
      conversation: [{ role: 'user', parts: [{ kind: 'text', text: prompt }] }],
      ...order,
    },
    priority: 0,
    estimatedCostMicros: 67_000,
    createdAt: now,
    deadlineAt: now + 48 * 3_600_000,
    wire: 'queue',
    serviceTier: 'batch',
    tier: 'batch',
  };
}

/** Of a process: when it is over, nothing of it happens any more, and nothing that it waits for comes. */
class Life {
  readonly #killAt: StartOptions['killAt'];
  readonly #counts = new Map<string, number>();
  isOver = false;

  constructor(killAt: StartOptions['killAt']) {
    this.#killAt = killAt;
  }

  async live<T>(call: string, work: () => Promise<T>): Promise<T> {
    const count = (this.#counts.get(call) ?? 0) + 1;
    this.#counts.set(call, count);
    const isLast = this.#killAt?.call === call && (this.#killAt.count ?? 1) === count;
    if (isLast && this.#killAt?.when === 'before') this.isOver = true;
    if (this.isOver) return never();
    const result = await work();
    if (isLast) this.isOver = true;
    return this.isOver ? never() : result;
  }
}

function never<T>(): Promise<T> {
  return new Promise<T>(() => {});
}

function mortal<T extends object>(object: T, life: Life): T {
  return new Proxy(object, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...given: readonly unknown[]) => life.live(String(name), async () => Reflect.apply(value, target, given));
    },
  });
}

/** Its calls are `create`, `send` (right before the call that makes the job), `look`, `read` (an answer) and `remove`. */
function mortalBatches(batches: BatchModel, life: Life): BatchModel {
  return {
    maxJobBytes: batches.maxJobBytes,
    bytesOf: (call) => batches.bytesOf(call),
    create: (order, signal) => life.live('create', () => batches.create(toMortalOrder(order, life), signal)),
    find: (id, options) => life.live('find', () => batches.find(id, options)),
    cancel: (name, signal) => life.live('cancelJob', () => batches.cancel(name, signal)),
    look: async (job, options) => {
      const look = await life.live('look', () => batches.look(job, options));
      if (look.kind !== 'ended') return look;
      const { answers } = look;
      return {
        ...look,
        answers: (async function* () {
          for await (const answer of answers) yield await life.live('read', async () => answer);
        })(),
        remove: (removing) => life.live('remove', () => look.remove(removing)),
      };
    },
  };
}

function toMortalOrder(order: BatchOrder, life: Life): BatchOrder {
  return { ...order, beforeSending: () => life.live('send', order.beforeSending) };
}
