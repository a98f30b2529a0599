import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/fakes/manual-clock.ts';
import { turnRules } from '../../test/fakes/turn-rules.ts';
import { models as registry } from '../../test/models.ts';
import { openNewStore } from '../../test/store/migrated-file.ts';
import type { CallEnd } from '../core/image-request.ts';
import { createDiskDriver } from '../media/drivers/disk.ts';
import { MediaStore } from '../media/media-store.ts';
import type { StorageDriver } from '../media/storage-driver.ts';
import type { ModelSpec } from '../models/model-spec.ts';
import { createLogger } from '../platform/logger.ts';
import type { AnswerPart, ImageModel } from '../providers/image-model.ts';
import { readJournal } from '../recovery/journal.ts';
import { SpoolFolder } from '../recovery/spool-folder.ts';
import { claimOne, submitOne } from '../store/contract/fixtures.ts';
import type { Claim } from '../store/request-store.ts';
import type { Store } from '../store/store.ts';
import { AnswerTaker } from './answer-taker.ts';
import { UpstreamCaller } from './upstream-caller.ts';

const logger = createLogger('silent');

let folder: string;
let attemptFolder: SpoolFolder;
let sqlite: Store;
let disk: StorageDriver;
let media: MediaStore;
let clock: ManualClock;
let claim: Claim;
let calls: number;
/** Throws when the storage is to refuse the write or the removal. */
let refuse: (what: 'write' | 'delete', key: string) => void;
let stopping: AbortController;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-caller-'));
  sqlite = openNewStore(path.join(folder, 'darkroom.db'));
  disk = createDiskDriver({ folder: path.join(folder, 'media') });
  refuse = () => undefined;
  media = new MediaStore({
    write: async (key, source, options) => {
      refuse('write', key);
      await disk.write(key, source, options);
    },
    delete: async (key) => {
      refuse('delete', key);
      return disk.delete(key);
    },
    read: (key, range) => disk.read(key, range),
    stat: (key) => disk.stat(key),
    list: (prefix) => disk.list(prefix),
    check: () => disk.check(),
  });
  await media.check();
  attemptFolder = await makeFolder();
  clock = new ManualClock();
  await submitOne(sqlite.requests);
  claim = await claimOne(sqlite.requests);
  calls = 0;
  stopping = new AbortController();
});

afterEach(async () => {
  await sqlite.close();
  await rm(folder, { recursive: true });
});

async function makeFolder(): Promise<SpoolFolder> {
  const made = await mkdtemp(path.join(folder, 'attempt-'));
  return new SpoolFolder(made, { store: sqlite.requests, media, logger });
}

/** Answers with two pictures that are to be transcoded, each with a signature. */
const model: ImageModel = {
  check: async () => ({ kind: 'ready' }),
  generate: async ({ spoolFolder }) => {
    calls += 1;
    const bytes = await sharp({ create: { width: 32, height: 32, channels: 3, background: '#a32' } })
      .jpeg()
      .toBuffer();
    const spooled = async (name: string, content: string | Buffer) => {
      await writeFile(path.join(spoolFolder, name), content);
      return { path: path.join(spoolFolder, name), bytes: content.length };
    };
    const part = async (name: string): Promise<AnswerPart> => ({
      kind: 'picture',
      file: await spooled(name, bytes),
      declaredMimeType: 'image/jpeg',
      signature: await spooled(`${name}-signature`, 'c2ln'),
    });
    return { kind: 'pictures', parts: [await part('first'), await part('second')], usage };
  },
};

const usage = { promptTokens: 10, textTokens: 0, thoughtTokens: 0, imageTokens: 1_120, totalTokens: 1_130 };

function call(
  models: ReadonlyMap<string, ImageModel> = new Map([['upstream-1', model]]),
  spec: ModelSpec = firstModel(),
): Promise<CallEnd | undefined> {
  const answers = new AnswerTaker({ clock, logger });
  const findConnection = (upstream: string) => {
    const found = models.get(upstream);
    return found && { model: found, turnRules };
  };
  const caller = new UpstreamCaller({ store: sqlite.requests, findConnection, answers, clock, logger });
  const { signal } = stopping;
  const resolved = { kind: 'turns', turns: [] } as const;
  return caller.call({ imageIndex: 0, claim, model: spec, resolved, folder: attemptFolder, signal });
}

function firstModel(): ModelSpec {
  const [first] = registry.list();
  if (!first) throw new Error('There are no models.');
  return first;
}

/** Moves time on, a tenth of a second at a time, until the call has ended; gives its end and how long it took. */
async function endInTime(ending: Promise<CallEnd | undefined>) {
  const begin = clock.now();
  let isOver = false;
  const over = ending.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    if (clock.sleeping > 0) clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { end: await over, tookMs: clock.now() - begin };
}

const keys = () => Array.fromAsync(disk.list(''));
const journal = () => readJournal(attemptFolder.path);

describe('a call', () => {
  it('marks the granted line as sent before it is made, on the upstream of the grant', async () => {
    const end = await call();
    expect(end).toMatchObject({ result: 'succeeded', answer: { parts: [{ kind: 'picture' }, { kind: 'picture' }] } });
    const [line] = await sqlite.requests.attempts('org-a', claim.request.id);
    expect(line).toMatchObject({ upstream: 'upstream-1', sentAt: clock.now() });
  });

  describe('whose picture came without a count', () => {
    const uncounted: ImageModel = {
      ...model,
      generate: async (...args) => {
        const { usage: _, ...answer } = { usage, ...(await model.generate(...args)) };
        return answer;
      },
    };

    it('costs what was estimated, and says that this is not sure', async () => {
      const estimate = firstModel().price({ ...claim.order, images: 1 });
      const end = await call(new Map([['upstream-1', uncounted]]));
      expect(end).toMatchObject({ result: 'succeeded', costMicros: estimate, isPossiblyBilled: true });
      expect(estimate).toBeGreaterThan(0);
    });

    it('costs its fixed price where the model has one, for sure', async () => {
      const first = firstModel();
      const flat = { ...first, prices: { ...first.prices, isFlat: true } };
      const price = first.price({ ...claim.order, images: 1 });
      const end = await call(new Map([['upstream-1', uncounted]]), flat);
      expect(end).toMatchObject({ costMicros: price, isPossiblyBilled: false });
    });
  });

  it('sends nothing when its upstream is not there, which is a defect', async () => {
    const end = await call(new Map([['another', model]]));
    expect(end).toMatchObject({ result: 'failed', isPossiblyBilled: false, failure: { code: 'internal_error' } });
    expect(calls).toBe(0);
  });

  it('sends nothing when the lease is gone, when the process stops, or when the disk gives it no folder', async () => {
    stopping.abort();
    expect(await call()).toBeUndefined();
    stopping = new AbortController();
    await rm(attemptFolder.path, { recursive: true });
    await writeFile(attemptFolder.path, 'a file where the folder should be');
    expect((await endInTime(call())).end).toBeUndefined();
    const [line] = await sqlite.requests.attempts('org-a', claim.request.id);
    expect(line?.sentAt).toBeUndefined();
    claim = { ...claim, lease: { ...claim.lease, token: 'another' } };
    await rm(attemptFolder.path);
    attemptFolder = await makeFolder();
    expect(await call()).toBeUndefined();
    expect(calls).toBe(0);
  });

  it('writes every key into the journal before the storage has anything of it, and its end last', async () => {
    const announced: (readonly string[])[] = [];
    const checks: Promise<void>[] = [];
    refuse = (what, key) => {
      if (what !== 'write') return;
      const check = async () => {
        const entries = await journal();
        announced.push(entries.flatMap((entry) => (entry.kind === 'storing' ? entry.keys : [])));
        expect(announced.at(-1)).toContain(key);
      };
      checks.push(check());
    };
    const end = await call();
    await Promise.all(checks);
    expect(checks).toHaveLength(6);
    const entries = await journal();
    expect(entries.map(({ kind }) => kind)).toEqual(['answered', 'storing', 'storing', 'ended']);
    expect(entries.at(-1)).toEqual({ kind: 'ended', lease: claim.lease, end });
    expect((await keys()).sort()).toEqual(
      entries.flatMap((entry) => (entry.kind === 'storing' ? entry.keys : [])).sort(),
    );
  });
});

describe('a storage in trouble', () => {
  it('is asked again for five minutes, and then nothing of the answer is left, but its cost is told', async () => {
    let writes = 0;
    refuse = (what) => {
      if (what !== 'write') return;
      writes += 1;
      if (writes > 3) throw new Error('full');
    };
    const { end, tookMs } = await endInTime(call());
    expect(end).toMatchObject({ result: 'failed', failure: { code: 'media_unwritable' }, usage });
    expect(end?.costMicros).toBeGreaterThan(0);
    expect(tookMs).toBeGreaterThan(280_000);
    expect(tookMs).toBeLessThanOrEqual(300_000);
    expect(calls).toBe(1);
    expect(await keys()).toEqual([]);
  });

  it('that comes back within that time costs nothing but time', async () => {
    const until = clock.now() + 240_000;
    refuse = () => {
      if (clock.now() < until) throw new Error('away');
    };
    const { end } = await endInTime(call());
    expect(end).toMatchObject({ result: 'succeeded' });
    expect(await keys()).toHaveLength(6);
  });

  it('gets one more try at shutdown, at once', async () => {
    let isAway = true;
    refuse = () => {
      if (isAway) throw new Error('away');
    };
    const ending = call();
    while (clock.sleeping === 0) await new Promise((resolve) => setImmediate(resolve));
    isAway = false;
    stopping.abort();
    expect(await ending).toMatchObject({ result: 'succeeded' });
  });

  it('does not hold up a shutdown when it stays away', async () => {
    refuse = () => {
      throw new Error('away');
    };
    const ending = call();
    while (clock.sleeping === 0) await new Promise((resolve) => setImmediate(resolve));
    stopping.abort();
    expect(await ending).toMatchObject({ result: 'failed', failure: { code: 'media_unwritable' } });
  });

  it.each([
    ['removed', (end: CallEnd) => attemptFolder.removeRecorded([end])],
    ['cleared', () => attemptFolder.clear()],
  ])('loses what an earlier try has left behind when the folder is %s, and nothing else', async (_, removeFolder) => {
    let writes = 0;
    refuse = (what) => {
      // The first try stores two objects, and can neither store the third nor remove the two.
      if (what === 'write') writes += 1;
      if (writes === 3) throw new Error('stumbles');
    };
    const { end } = await endInTime(call());
    if (!end) throw new Error('The call was not made.');
    expect(await keys()).toHaveLength(8);
    await sqlite.requests.endCalls(claim.lease, [end]);
    await removeFolder(end);
    expect(await readdir(folder)).not.toContain(path.basename(attemptFolder.path));
    expect(await keys()).toHaveLength(6);
    const left = new Set(await keys());
    for (const part of end.answer?.parts ?? []) {
      if (part.kind !== 'picture') throw new Error('Only pictures were made.');
      expect(left.has(part.picture.originalKey ?? '')).toBe(true);
      expect(await media.find(part.picture.name)).toBeDefined();
    }
  });
});
