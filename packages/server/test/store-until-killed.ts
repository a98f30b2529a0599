import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { submitBodySchema } from '@darkroom/protocol';
import sharp from 'sharp';
import { noLimits } from '../src/core/limits.ts';
import { createLocalNotifier } from '../src/events/notifier.ts';
import { storeInlinePictures } from '../src/intake/inline-pictures.ts';
import { createDiskDriver } from '../src/media/drivers/disk.ts';
import { MediaStore } from '../src/media/media-store.ts';
import type { StorageDriver } from '../src/media/storage-driver.ts';
import { systemClock } from '../src/platform/clock.ts';
import { createRequestId } from '../src/platform/ids.ts';
import { createLogger } from '../src/platform/logger.ts';
import type { AnswerPart, ImageModel } from '../src/providers/image-model.ts';
import { prepareSpool } from '../src/recovery/spool.ts';
import type { RequestStore } from '../src/store/request-store.ts';
import { openSqliteStore } from '../src/store/sqlite/open-sqlite-store.ts';
import { createWorker } from '../src/worker/worker.ts';
import { turnRules } from './fakes/turn-rules.ts';
import { models } from './models.ts';

/**
 * The child of the write-ahead test: one submit with an inline picture, and one call that brings a text and a picture,
 * each with a signature. After the step with its number, which is a write to the storage or the store, it kills itself.
 * If there are fewer steps, it ends by itself.
 */
const [folder = '', lastStep] = process.argv.slice(2);
const clock = systemClock;
const logger = createLogger('silent');

let steps = 0;
async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const result = await work();
  steps += 1;
  if (steps === Number(lastStep)) {
    process.stdout.write(name);
    process.kill(process.pid, 'SIGKILL');
  }
  return result;
}

const sqlite = openSqliteStore({ file: path.join(folder, 'darkroom.db') });
const store: RequestStore = {
  ...sqlite.requests,
  submit: (request) => step('submit', () => sqlite.requests.submit(request)),
  beginCalls: (lease, calls) => step('beginCalls', () => sqlite.requests.beginCalls(lease, calls)),
  settle: async (settlement) => {
    await step('stored', async () => undefined);
    return step('settle', () => sqlite.requests.settle(settlement));
  },
};
const disk = createDiskDriver({ folder: path.join(folder, 'media') });
const driver: StorageDriver = {
  read: (key, range) => disk.read(key, range),
  stat: (key) => disk.stat(key),
  list: (prefix) => disk.list(prefix),
  check: () => disk.check(),
  delete: (key) => disk.delete(key),
  write: (key, ...more) => step(`write ${key.split('/')[0]}`, () => disk.write(key, ...more)),
};
const media = new MediaStore(driver);
await media.check();
const spool = await prepareSpool(path.join(folder, 'spool'), { store, media, clock, logger });

const model: ImageModel = {
  check: async () => ({ kind: 'ready' }),
  generate: async ({ spoolFolder }) => {
    const spooled = async (name: string, bytes: string | Buffer) => {
      await writeFile(path.join(spoolFolder, name), bytes);
      return { path: path.join(spoolFolder, name), bytes: bytes.length };
    };
    const parts: AnswerPart[] = [
      { kind: 'text', text: 'Here it is.', signature: await spooled('text-signature', 'dGV4dA==') },
      {
        kind: 'picture',
        file: await spooled('picture', await draw()),
        declaredMimeType: 'image/jpeg',
        signature: await spooled('signature', 'c2lnbmF0dXJl'),
      },
    ];
    return { kind: 'pictures', parts };
  },
};

async function draw(): Promise<Buffer> {
  return sharp({ create: { width: 64, height: 64, channels: 3, background: '#a32' } })
    .jpeg()
    .toBuffer();
}

async function submit(): Promise<string> {
  const id = createRequestId();
  const image = `data:image/jpeg;base64,${(await draw()).toString('base64')}`;
  const { payload } = submitBodySchema.parse({
    model: 'gemini-3-pro-image-preview',
    payload: { prompt: 'a fox', image, image_output_format: 'png' },
  });
  const spec = models.find('gemini-3-pro-image-preview');
  if (!spec) throw new Error('The model is gone.');
  const checked = spec.payloadSchema.parse(payload);
  const headroom = { admit: () => undefined };
  const context = {
    owner: { requestId: id, organizationId: 'default', apiKeyId: 'key', limits: noLimits },
    store,
    media,
    spoolFolder: spool.folder,
    headroom,
    assertStorageRoom: async () => undefined,
    logger,
  };
  const stored = await storeInlinePictures(JSON.stringify(payload), checked, context);
  const now = clock.now();
  await store.submit({
    id,
    organizationId: 'default',
    apiKeyId: 'key',
    model: 'gemini-3-pro-image-preview',
    payload: stored.payload,
    inline: stored.inline,
    order: spec.toOrder(stored.checked, []),
    priority: 0,
    estimatedCostMicros: 134_000,
    createdAt: now,
    deadlineAt: now + 3_600_000,
    wire: 'queue',
    maxQueued: 100,
  });
  await stored.release(true);
  return id;
}

const id = await submit();
const worker = createWorker({
  store,
  openCalls: sqlite.openCalls,
  batchJobs: sqlite.batchJobs,
  gathering: { maxRequests: 100, maxWaitMs: 600_000 },
  media,
  pool: [{ name: 'scripted', limits: { concurrency: 1 }, model, turnRules }],
  models,
  turns: { resolve: async () => ({ kind: 'turns', turns: [] }) },
  notifier: createLocalNotifier(),
  headroom: { refusal: () => undefined, mustRest: () => false },
  name: 'worker',
  spoolFolder: spool.folder,
  concurrency: 1,
  drainMs: 10_000,
  lostAnswerRetries: 1,
  clock,
  chance: () => 0,
  logger,
});
await worker.start();
while ((await store.find('default', id))?.status !== 'success') await clock.sleep(5);
await worker.stop();
await spool.stop();
await sqlite.close();
