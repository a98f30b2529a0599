import { readdirSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/fakes/manual-clock.ts';
import { turnRules } from '../../test/fakes/turn-rules.ts';
import { models } from '../../test/models.ts';
import { openNewStore } from '../../test/store/migrated-file.ts';
import { toWaiting } from '../core/waiting.ts';
import { createLocalNotifier } from '../events/notifier.ts';
import { ConversationTurns } from '../media/conversation/conversation-turns.ts';
import { createDiskDriver } from '../media/drivers/disk.ts';
import { MediaStore } from '../media/media-store.ts';
import { createReferenceFetcher, type ReferenceFetcher } from '../media/references/reference-fetcher.ts';
import { createRequestId } from '../platform/ids.ts';
import { createLogger } from '../platform/logger.ts';
import type { ImageAnswer, ImageCall, ImageModel } from '../providers/image-model.ts';
import type { RequestStore } from '../store/request-store.ts';
import type { Store } from '../store/store.ts';
import { createWorker, type Worker } from './worker.ts';

/** Waves of overload on a clock of our own: a worker on a real store and a real disk, with a scripted upstream. */

const second = 1_000;
const minute = 60 * second;
const slots = 16;
const model = 'gemini-3-pro-image';

let folder: string;
let clock: ManualClock;
let store: Store;
let upstream: ScriptedUpstream;
let fetcher: ReferenceFetcher;
let worker: Worker;
let attempts: number;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-wave-'));
  await mkdir(path.join(folder, 'spool'));
  const picture = path.join(folder, 'picture.jpeg');
  await sharp({ create: { width: 32, height: 32, channels: 3, background: '#a32' } })
    .jpeg()
    .toFile(picture);
  clock = new ManualClock();
  store = openNewStore(path.join(folder, 'darkroom.db'));
  upstream = new ScriptedUpstream(clock, picture);
  fetcher = createReferenceFetcher({ allowPrivateHosts: [], clock, chance: () => 0 });
  attempts = 0;
  const media = new MediaStore(createDiskDriver({ folder: path.join(folder, 'media') }));
  await media.check();
  const requests = countAttempts(store.requests);
  worker = createWorker({
    store: requests,
    openCalls: store.openCalls,
    batchJobs: store.batchJobs,
    gathering: { maxRequests: 100, maxWaitMs: 600_000 },
    media,
    pool: [{ name: 'google', limits: { concurrency: slots }, model: upstream, turnRules }],
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
    name: 'worker',
    spoolFolder: path.join(folder, 'spool'),
    concurrency: slots,
    drainMs: 0,
    lostAnswerRetries: 1,
    clock,
    chance: createChance(1),
    logger: createLogger('silent'),
  });
});

afterEach(async () => {
  worker.handBack();
  await worker.stop();
  await fetcher.close();
  await store.close();
  await rm(folder, { recursive: true });
});

describe('a wave of 503', () => {
  it('of 40 minutes fails nothing, sees probes and not a storm, and the backlog drains within seconds of its end', async () => {
    upstream.isStrained = () => true;
    const ids = await submitMany(200);
    await worker.start();
    await passTime(40 * minute, second);

    expect(await countOf('failed')).toBe(0);
    // All slots once; after that one probe at a time, each a second long and up to ten seconds after the one before.
    expect(upstream.calls).toBeLessThan(slots + ((40 * 60) / 10) * 1.1);
    expect(upstream.calls).toBeGreaterThan(((40 * 60) / 11) * 0.9);
    const oldest = await store.requests.find('default', ids[0] ?? '');
    const reports = await store.upstreams.report({
      upstreams: pool(),
      models: new Map([[model, model]]),
      now: clock.now(),
    });
    const rooms = reports.map(({ room }) => room);
    expect(oldest && toWaiting(oldest, { rooms, now: clock.now() })).toEqual({
      reason: 'upstream',
      message: 'This model is currently experiencing high demand.',
      until: expect.any(Number),
    });

    upstream.isStrained = () => false;
    const end = clock.now();
    const before = upstream.calls;
    while ((await countOf('success')) < ids.length) await passTime(100, 100);
    // 200 calls of a second on 16 slots are 13 seconds. Besides: the last probe, and growing from 11 calls at a time to 16.
    expect(clock.now() - end).toBeLessThan((13 + 11 + 4) * second);
    expect(upstream.mostUnderWay).toBe(slots);
    expect(upstream.calls - before).toBeLessThanOrEqual(ids.length);
    expect(await countOf('failed')).toBe(0);
  }, 60_000);

  it('that refuses seven calls in ten fails nothing and does not stop the work', async () => {
    const chance = createChance(2);
    upstream.isStrained = () => chance() < 0.7;
    const ids = await submitMany(40);
    await worker.start();
    const start = clock.now();
    while ((await countOf('success')) < ids.length) {
      expect(await countOf('failed')).toBe(0);
      expect(clock.now() - start).toBeLessThan(10 * minute);
      await passTime(second, 250);
    }
  }, 60_000);
});

const pool = () => [{ name: 'google', limits: { concurrency: slots } }];

async function submitMany(count: number): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, createRequestId);
  await Promise.all(
    ids.map((id) =>
      store.requests.submit({
        id,
        maxQueued: count,
        organizationId: 'default',
        apiKeyId: 'key',
        model,
        payload: '{}',
        inline: [],
        order: {
          parameters: { imageSize: '1K', aspectRatio: '1:1' },
          format: 'jpeg',
          images: 1,
          conversation: [{ role: 'user', parts: [{ kind: 'text', text: 'a fox' }] }],
        },
        priority: 0,
        estimatedCostMicros: 134_000,
        createdAt: clock.now(),
        deadlineAt: clock.now() + 120 * minute,
        wire: 'queue',
      }),
    ),
  );
  return ids;
}

async function countOf(status: 'success' | 'failed'): Promise<number> {
  return (await store.requests.list({ organizationId: 'default', status, limit: 1 })).total;
}

async function passTime(ms: number, step: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += step) {
    await settle();
    clock.advance(step);
  }
  await settle();
}

/** The sleeps of a worker that waits: one of the claimer, one of the lease renewer, four of the rescuer, two for batch jobs. */
const ownSleeps = 8;

/** Resolves when all that could happen at this moment has happened: whatever goes on waits for the clock. */
async function settle(): Promise<void> {
  for (let quiet = 0; quiet < 3; quiet = isQuiet() ? quiet + 1 : 0) await nextTurn();
}

function isQuiet(): boolean {
  const { underWay } = upstream;
  const isAsleep = clock.sleeping === ownSleeps + underWay;
  return isAsleep && attempts === underWay && readdirSync(path.join(folder, 'spool')).length === underWay;
}

function countAttempts(requests: RequestStore): RequestStore {
  return {
    ...requests,
    claim: async (query) => {
      const result = await requests.claim(query);
      attempts += result.claims.length;
      return result;
    },
    settle: async (settlement) => {
      const isSettled = await requests.settle(settlement);
      attempts -= 1;
      return isSettled;
    },
  };
}

/** Numbers that look random and are the same in every run. */
function createChance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Answers every call after a second: with 503 while it is strained, else with a picture. */
class ScriptedUpstream implements ImageModel {
  isStrained: () => boolean = () => false;
  calls = 0;
  underWay = 0;
  mostUnderWay = 0;
  readonly #clock: ManualClock;
  readonly #picture: string;

  constructor(clock: ManualClock, picture: string) {
    this.#clock = clock;
    this.#picture = picture;
  }

  async generate({ spoolFolder }: ImageCall, signal: AbortSignal): Promise<ImageAnswer> {
    this.calls += 1;
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    await this.#clock.sleep(second, signal);
    this.underWay -= 1;
    if (signal.aborted) return { kind: 'interrupted', isPossiblyBilled: true };
    if (this.isStrained()) {
      const message = 'This model is currently experiencing high demand.';
      return {
        kind: 'failed',
        failure: { code: 'upstream_overloaded', message, upstreamStatus: 503 },
        isPossiblyBilled: false,
      };
    }
    const file = { path: path.join(spoolFolder, 'picture'), bytes: (await stat(this.#picture)).size };
    await copyFile(this.#picture, file.path);
    return { kind: 'pictures', parts: [{ kind: 'picture', file, declaredMimeType: 'image/jpeg' }] };
  }

  async check(): Promise<{ readonly kind: 'ready' }> {
    return { kind: 'ready' };
  }
}
