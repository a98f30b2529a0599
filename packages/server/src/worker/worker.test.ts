import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createSandboxServer, type SandboxServer } from '@darkroom/sandbox';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { turnRules } from '../../test/fakes/turn-rules.ts';
import { models } from '../../test/models.ts';
import { openNewStore } from '../../test/store/migrated-file.ts';
import type { ImageRequest } from '../core/image-request.ts';
import type { Order } from '../core/order.ts';
import { createLocalNotifier, type Notifier } from '../events/notifier.ts';
import { ConversationTurns } from '../media/conversation/conversation-turns.ts';
import { createDiskDriver } from '../media/drivers/disk.ts';
import { MediaStore } from '../media/media-store.ts';
import { createPictureName } from '../media/picture-name.ts';
import { createReferenceFetcher, type ReferenceFetcher } from '../media/references/reference-fetcher.ts';
import type { StorageDriver } from '../media/storage-driver.ts';
import { type Clock, systemClock } from '../platform/clock.ts';
import type { Headroom } from '../platform/headroom.ts';
import { createRequestId } from '../platform/ids.ts';
import { createLogger } from '../platform/logger.ts';
import { GoogleImageModel } from '../providers/google/google-image-model.ts';
import { createStudioService } from '../providers/google/studio-service.ts';
import type { RequestStore } from '../store/request-store.ts';
import type { Store } from '../store/store.ts';
import type { PoolMember } from './connection.ts';
import { createWorker, type Worker } from './worker.ts';

/** Workers on a real store and a real disk, with the sandbox as upstream. */

let folder: string;
let store: Store;
let sandbox: SandboxServer;
let model: GoogleImageModel;
let workers: Worker[];
let notifier: Notifier;
let fetcher: ReferenceFetcher;

const logger = createLogger('silent');
const hour = 3_600_000;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-worker-'));
  await mkdir(path.join(folder, 'spool'));
  store = openNewStore(path.join(folder, 'darkroom.db'));
  sandbox = createSandboxServer({
    host: '127.0.0.1',
    port: 0,
    spoolFolder: folder,
    illustrate: ({ pixels }) =>
      sharp({ create: { ...pixels, channels: 3, background: '#a32' } })
        .jpeg()
        .toBuffer(),
  });
  await sandbox.start();
  model = new GoogleImageModel({
    service: createStudioService({ baseUrl: sandbox.url, apiKey: 'a-test-key' }),
    clock: systemClock,
  });
  workers = [];
  notifier = createLocalNotifier();
  fetcher = createReferenceFetcher({ allowPrivateHosts: [], clock: systemClock, chance: () => 0 });
});

afterEach(async () => {
  for (const worker of workers) {
    worker.handBack();
    await worker.stop();
  }
  expect(await readdir(path.join(folder, 'spool'))).toEqual([]);
  await fetcher.close();
  await model.close();
  await sandbox.stop();
  await store.close();
  await rm(folder, { recursive: true });
});

async function startWorker(
  options: {
    notifier?: Notifier;
    driver?: StorageDriver;
    concurrency?: number;
    requests?: RequestStore;
    headroom?: Headroom;
    pool?: readonly PoolMember[];
    clock?: Clock;
  } = {},
): Promise<Worker> {
  const media = new MediaStore(options.driver ?? createDiskDriver({ folder: path.join(folder, 'media') }));
  await media.check();
  const worker = createWorker({
    store: options.requests ?? store.requests,
    openCalls: store.openCalls,
    batchJobs: store.batchJobs,
    gathering: { maxRequests: 100, maxWaitMs: 600_000 },
    media,
    pool: options.pool ?? [{ name: 'main', limits: { concurrency: 16 }, model, turnRules }],
    models,
    turns: new ConversationTurns({
      store: store.requests,
      uploads: store.uploads,
      removals: store.removals,
      media,
      fetcher,
      publicUrl: () => 'http://darkroom.test',
    }),
    notifier: options.notifier ?? notifier,
    headroom: options.headroom ?? { refusal: () => undefined, mustRest: () => false },
    lostAnswerRetries: 1,
    name: `worker-${workers.length}`,
    spoolFolder: path.join(folder, 'spool'),
    concurrency: options.concurrency ?? 4,
    drainMs: 10_000,
    clock: options.clock ?? systemClock,
    chance: () => 0,
    logger,
  });
  workers.push(worker);
  await worker.start();
  return worker;
}

interface Submission extends Partial<Order> {
  readonly organizationId?: string;
  readonly lifeMs?: number;
}

async function submit(
  prompt: string,
  { organizationId = 'default', lifeMs = hour, ...more }: Submission = {},
): Promise<string> {
  const now = systemClock.now();
  const id = createRequestId();
  await store.requests.submit({
    id,
    maxQueued: 1_000,
    organizationId,
    apiKeyId: 'key',
    model: 'gemini-3-pro-image-preview',
    payload: '{}',
    inline: [],
    order: {
      parameters: { imageSize: '1K', aspectRatio: '1:1' },
      format: 'jpeg',
      images: 1,
      conversation: [{ role: 'user', parts: [{ kind: 'text', text: prompt }] }],
      ...more,
    },
    priority: 0,
    estimatedCostMicros: 134_000,
    createdAt: now,
    deadlineAt: now + lifeMs,
    wire: 'queue',
  });
  notifier.hintQueued();
  return id;
}

async function until(
  id: string,
  isThere: (request: ImageRequest) => boolean,
  organizationId = 'default',
): Promise<ImageRequest> {
  for (;;) {
    const request = await store.requests.find(organizationId, id);
    if (request && isThere(request)) return request;
    await systemClock.sleep(5);
  }
}

const ended = ({ status }: ImageRequest) => status !== 'queued' && status !== 'processing';
const attempts = (id: string) => store.requests.attempts('default', id);

describe('a worker', () => {
  it('promise 7: finds what is queued without any hint', async () => {
    await startWorker({
      notifier: { ...createLocalNotifier(), hintQueued: () => undefined, onQueued: () => () => undefined },
    });
    expect((await until(await submit('a quiet fox'), ended)).status).toBe('success');
  });

  it('promise 3: writes the line of the attempt log before the call is sent', async () => {
    await startWorker();
    const id = await submit('a fox [[sandbox hang]]');
    while (sandbox.calls.total === 0) await systemClock.sleep(5);
    expect(await attempts(id)).toMatchObject([{ number: 1, imageIndex: 0, worker: 'worker-0', result: undefined }]);
  });

  it('records every try with its failure, and the cost of the one that brought the picture', async () => {
    await startWorker();
    const id = await submit('a fox [[sandbox status=503 times=2]]');
    const request = await until(id, ended);
    const log = await attempts(id);
    expect(log.map(({ result, failure }) => failure?.code ?? result)).toEqual([
      'upstream_overloaded',
      'upstream_overloaded',
      'succeeded',
    ]);
    expect(log.map(({ costMicros }) => costMicros > 0)).toEqual([false, false, true]);
    expect(request.costMicros).toBe(log[2]?.costMicros);
  });

  it('pays for no picture twice: of several images only the missing ones are made again', async () => {
    await startWorker();
    const id = await submit('a fox [[sandbox status=503 times=1]]', { images: 3 });
    expect((await until(id, ended)).outcome).toMatchObject({ kind: 'success', pictures: [{}, {}, {}] });
    expect(sandbox.calls.total).toBe(4);
    expect((await attempts(id)).filter(({ result }) => result === 'succeeded')).toHaveLength(3);
  });

  it('makes ten pictures of one request, however few the worker and the upstream make at a time', async () => {
    const limits = { concurrency: 3 };
    await startWorker({ concurrency: 4, pool: [{ name: 'main', limits, model, turnRules }] });
    const id = await submit('ten foxes', { images: 10 });
    const { outcome, status } = await until(id, ended);
    expect(status).toBe('success');
    const pictures = outcome?.kind === 'success' ? outcome.pictures : [];
    expect(new Set(pictures.map(({ name }) => name)).size).toBe(10);
    // The pixels that were promised for each of them.
    expect(pictures.every(({ asked, width, height }) => !asked && width === 1024 && height === 1024)).toBe(true);
    expect((await attempts(id)).map(({ imageIndex }) => imageIndex).sort((a, b) => a - b)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
    expect(sandbox.calls.total).toBe(10);
  });

  it('waits for an upload that a request refers to, and sends nothing before it has come', async () => {
    await startWorker();
    const name = createPictureName('image/png');
    const grant = {
      name,
      organizationId: 'org',
      apiKeyId: 'key',
      via: 'service',
      bytes: 1,
      endsAt: Date.now() + 600_000,
    } as const;
    await store.uploads.grant(grant, { ofKey: 10, ofOrganization: 10 });
    const picture = { kind: 'picture', uri: `http://darkroom.test/media/${name}?v=1` } as const;
    const id = await submit('', {
      conversation: [{ role: 'user', parts: [{ kind: 'text', text: 'a fox' }, picture] }],
    });
    const waiting = await until(id, ({ retryCode }) => retryCode !== undefined);
    expect(waiting).toMatchObject({ status: 'queued', retryCode: 'reference_not_uploaded' });
    expect(sandbox.calls.total).toBe(0);
    const file = path.join(folder, 'upload');
    await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
      .png()
      .toFile(file);
    const media = new MediaStore(createDiskDriver({ folder: path.join(folder, 'media') }));
    await media.keepAsIs({ path: file, bytes: (await stat(file)).size }, 'image/png', name);
    expect((await until(id, ended)).status).toBe('success');
    expect(sandbox.calls.total).toBe(1);
  });

  it('asks a storage that stumbles again, and not the upstream', async () => {
    const disk = createDiskDriver({ folder: path.join(folder, 'media') });
    let failures = 1;
    const stumbling: StorageDriver = {
      read: (key, range) => disk.read(key, range),
      stat: (key) => disk.stat(key),
      delete: (key) => disk.delete(key),
      list: (prefix) => disk.list(prefix),
      check: () => disk.check(),
      write: async (...write) => {
        if (failures-- > 0) throw new Error('the disk stumbles');
        await disk.write(...write);
      },
    };
    await startWorker({ driver: stumbling });
    expect((await until(await submit('a fox'), ended)).status).toBe('success');
    expect(sandbox.calls.total).toBe(1);
  });

  it('waits for a storage that does not give the pictures of a conversation, without blame and without a call', async () => {
    const disk = createDiskDriver({ folder: path.join(folder, 'media') });
    let failures = 3;
    const stumbling: StorageDriver = {
      write: (...write) => disk.write(...write),
      stat: (key) => disk.stat(key),
      delete: (key) => disk.delete(key),
      list: (prefix) => disk.list(prefix),
      check: () => disk.check(),
      read: async (...read) => {
        if (failures-- > 0) throw new Error('the bucket stumbles');
        return disk.read(...read);
      },
    };
    const clock: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 20), signal) };
    await startWorker({ driver: stumbling, clock });
    const source = path.join(folder, 'reference.png');
    const { size: bytes } = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#3a2' } }).toFile(
      source,
    );
    const name = await new MediaStore(disk).keepAsIs({ path: source, bytes }, 'image/png');
    const id = await submit('a fox', {
      conversation: [{ role: 'user', parts: [{ kind: 'picture', uri: `media:${name}` }] }],
    });
    expect((await until(id, ended)).status).toBe('success');
    expect(failures).toBe(-1);
    expect(await attempts(id)).toMatchObject([{ result: 'succeeded' }]);
    expect(sandbox.calls.total).toBe(1);
  });

  it('fails a request that it cannot make with a code and a sentence, without a call', async () => {
    await startWorker();
    const id = await submit('a fox', {
      conversation: [{ role: 'user', parts: [{ kind: 'picture', uri: 'http://127.0.0.1/secret.png?token=1' }] }],
    });
    expect(await until(id, ended)).toMatchObject({
      status: 'failed',
      outcome: {
        failure: {
          code: 'reference_unavailable',
          message: expect.stringMatching(/^Picture 1 of turn 1 \(http:\/\/127\.0\.0\.1\/secret\.png\)/),
        },
      },
    });
    expect(sandbox.calls.total).toBe(0);
    expect(await attempts(id)).toMatchObject([{ result: 'failed', costMicros: 0, isPossiblyBilled: false }]);
  });

  it('sends nothing for a request whose deadline is over', async () => {
    const id = await submit('a late fox', { lifeMs: 0 });
    await startWorker();
    expect(await until(id, ended)).toMatchObject({
      status: 'failed',
      outcome: { failure: { code: 'deadline_exceeded' } },
    });
    expect(sandbox.calls.total).toBe(0);
  });

  it('gives no request to two workers, and organizations take turns', async () => {
    for (let index = 0; index < 12; index += 1) await submit(`crowd ${index}`);
    const single = await submit('single', { organizationId: 'small' });
    for (let index = 0; index < 3; index += 1) await startWorker({ concurrency: 1 });
    await until(single, ended, 'small');
    const early = await store.requests.list({ organizationId: 'default', status: 'success', limit: 100 });
    expect(early.total).toBeLessThan(12);
    while ((await store.requests.list({ organizationId: 'default', status: 'success', limit: 1 })).total < 12)
      await systemClock.sleep(5);
    expect(sandbox.calls.total).toBe(13);
  });

  it('loses no picture to a store that cannot write: the end of the attempt is written when it can', async () => {
    let failures = 2;
    const requests: RequestStore = {
      ...store.requests,
      settle: async (settlement) => {
        if (failures-- > 0) throw new Error('the disk is full');
        return store.requests.settle(settlement);
      },
    };
    await startWorker({ requests });
    expect((await until(await submit('a fox'), ended)).status).toBe('success');
    expect(failures).toBe(-1);
    expect(sandbox.calls.total).toBe(1);
  });

  it('claims nothing while the disk is short, and goes on when it is not', async () => {
    let isShort = true;
    const asked = Promise.withResolvers<void>();
    const mustRest = () => {
      asked.resolve();
      return isShort;
    };
    await startWorker({ headroom: { refusal: () => undefined, mustRest } });
    const id = await submit('a patient fox');
    await asked.promise;
    expect(await until(id, () => true)).toMatchObject({ status: 'queued', attempt: 0 });
    isShort = false;
    expect((await until(id, ended)).status).toBe('success');
  });

  it('makes on another upstream what one refuses for its set-up, and fails at once when there is no other', async () => {
    const failure = { code: 'upstream_key_invalid', message: 'The upstream refused the Google API key.' } as const;
    const misconfigured: PoolMember = {
      name: 'misconfigured',
      limits: { concurrency: 99 },
      model: {
        generate: async () => ({ kind: 'failed', failure, isPossiblyBilled: false }),
        check: async () => ({ kind: 'failed', failure }),
      },
      turnRules,
    };
    const first = await startWorker({ pool: [misconfigured] });
    expect(await until(await submit('a fox'), ended)).toMatchObject({ status: 'failed', outcome: { failure } });
    await first.stop();
    await store.upstreams.release({ upstream: 'misconfigured', model: '*' });
    const elsewhere = { name: 'elsewhere', limits: {}, models: ['another-model'], model, turnRules };
    const second = await startWorker({ pool: [misconfigured, elsewhere] });
    expect(await until(await submit('a fox'), ended)).toMatchObject({ status: 'failed', outcome: { failure } });
    await second.stop();
    await store.upstreams.release({ upstream: 'misconfigured', model: '*' });
    await startWorker({ pool: [misconfigured, { name: 'main', limits: { concurrency: 16 }, model, turnRules }] });
    const id = await submit('a fox');
    expect((await until(id, ended)).status).toBe('success');
    expect((await attempts(id)).map(({ upstream }) => upstream)).toEqual(['misconfigured', 'main']);
  });

  it('grants a request only as many calls as there are slots, and makes the rest of its images in turn', async () => {
    await startWorker({ concurrency: 1 });
    const request = await until(await submit('three foxes', { images: 3 }), ended);
    expect(request.outcome).toMatchObject({ kind: 'success', pictures: [{}, {}, {}] });
    expect((await attempts(request.id)).map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  it('asks the store nothing about answers that it has recorded', async () => {
    const asked: string[] = [];
    const requests: RequestStore = {
      ...store.requests,
      exists: async (id) => {
        asked.push('exists');
        return store.requests.exists(id);
      },
      hasAnswer: async (call) => {
        asked.push('hasAnswer');
        return store.requests.hasAnswer(call);
      },
    };
    const worker = await startWorker({ requests });
    expect(await until(await submit('two foxes', { images: 2 }), ended)).toMatchObject({ status: 'success' });
    expect(await until(await submit('a fox [[sandbox block=SAFETY]]'), ended)).toMatchObject({ status: 'failed' });
    await worker.stop();
    expect(asked).toEqual([]);
  });

  it('leaves no picture of a request whose row refuses its outcome', async () => {
    const database = new DatabaseSync(path.join(folder, 'darkroom.db'));
    database.exec(
      `CREATE TRIGGER refusal BEFORE UPDATE ON requests WHEN NEW.status = 'success' BEGIN SELECT RAISE(ABORT, 'refused'); END`,
    );
    database.close();
    const worker = await startWorker();
    const id = await submit('a fox');
    expect(await until(id, ended)).toMatchObject({
      status: 'failed',
      outcome: { failure: { code: 'internal_error' } },
    });
    await worker.stop();
    expect(await attempts(id)).toMatchObject([{ result: 'failed', answer: undefined }]);
    expect(await Array.fromAsync(createDiskDriver({ folder: path.join(folder, 'media') }).list(''))).toEqual([]);
  });

  it('hands back at shutdown what has not ended, and another one makes it', async () => {
    const first = await startWorker();
    const id = await submit('a fox [[sandbox delay=2s]]');
    while (sandbox.calls.total === 0) await systemClock.sleep(5);
    first.handBack();
    await first.stop();
    expect(await until(id, () => true)).toMatchObject({ status: 'queued', outcome: undefined });
    await startWorker();
    expect((await until(id, ended)).status).toBe('success');
    expect((await attempts(id)).map(({ result }) => result)).toEqual(['interrupted', 'succeeded']);
  });

  it('says that a call was not made when it has to hand back what its claim had begun', async () => {
    const { claim } = store.requests;
    const claimAndStop: RequestStore['claim'] = async (query) => {
      const claimed = await claim(query);
      if (claimed.claims.length > 0) worker.handBack();
      return claimed;
    };
    const worker = await startWorker({ requests: { ...store.requests, claim: claimAndStop } });
    const id = await submit('a heron');
    while ((await attempts(id)).length === 0) await systemClock.sleep(5);
    await worker.stop();
    expect(await until(id, () => true)).toMatchObject({ status: 'queued', costMicros: 0 });
    expect(await attempts(id)).toMatchObject([{ result: 'interrupted', isPossiblyBilled: false, costMicros: 0 }]);
    expect(sandbox.calls.total).toBe(0);
  });
});
