import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../../test/fakes/manual-clock.ts';
import { openNewStore } from '../../test/store/migrated-file.ts';
import type { Retention } from '../core/retention.ts';
import { createDiskDriver } from '../media/drivers/disk.ts';
import { MediaStore } from '../media/media-store.ts';
import { createPictureName, toPictureKey } from '../media/picture-name.ts';
import { createLogger } from '../platform/logger.ts';
import { beginOne, picture, start, submitOne, successOutcome, toCallEnd } from '../store/contract/fixtures.ts';
import type { RemovalStore } from '../store/removal-store.ts';
import type { Store } from '../store/store.ts';
import { createPruner } from './pruner.ts';

let folder: string;
let store: Store;
let media: MediaStore;
const clock = new ManualClock(start);
const logger = createLogger('silent');
const dayMs = 24 * 3_600_000;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-prune-'));
  store = openNewStore(path.join(folder, 'darkroom.db'));
  media = new MediaStore(createDiskDriver({ folder: path.join(folder, 'media') }));
  await media.check();
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

/** A request with a stored picture that ended at `endedAt`. */
async function make(endedAt: number): Promise<{ id: string; name: string }> {
  const source = path.join(folder, 'source');
  await writeFile(source, 'picture');
  const name = await media.keepAsIs({ path: source, bytes: 7 }, 'image/png', createPictureName('image/png'));
  const { lease, request } = await beginOne(store.requests);
  const made = { ...picture, name, bytes: 7, sha256: name };
  const end = toCallEnd({ answer: { parts: [{ kind: 'picture', picture: made }] } });
  const verdict = { kind: 'succeed', outcome: { ...successOutcome, pictures: [made] } } as const;
  await store.requests.settle({ lease, ends: [end], verdict, now: endedAt });
  return { id: request.id, name };
}

const isStored = (name: string) => existsSync(path.join(folder, 'media', toPictureKey(name)));
const isKept = async (id: string) => (await store.requests.find('org-a', id)) !== undefined;

interface Rules {
  readonly requests?: Retention;
  readonly pictures?: Retention;
}

/** One round, by one process. */
async function prune(
  { requests = [], pictures = [] }: Rules,
  storage: Pick<MediaStore, 'discardStored'> = media,
): Promise<void> {
  const kept = { requests, pictures, webhooksMs: dayMs, tombstonesMs: dayMs };
  const pruner = createPruner({ removals: store.removals, media: storage, kept, clock, logger });
  await pruner.start();
  await vi.waitUntil(() => clock.sleeping > 0, { interval: 2 });
  await pruner.stop();
}

describe('the pruner', () => {
  it('keeps everything for ever without a rule', async () => {
    const { id, name } = await make(start - 3_650 * dayMs);
    await prune({});
    expect([await isKept(id), isStored(name)]).toEqual([true, true]);
  });

  it('removes rows and files whose time is over, by the most exact rule', async () => {
    const [old, young] = [await make(start - 2 * dayMs), await make(start - dayMs + 1)];
    const cancelled = await submitOne(store.requests, { organizationId: 'org-b' });
    await store.requests.cancel('org-b', cancelled, start - 9 * dayMs);
    const mine = await submitOne(store.requests);
    await store.requests.cancel('org-a', mine, start - 9 * dayMs);
    await prune({
      requests: [
        { keptMs: dayMs },
        { organizationId: 'org-b', keptMs: undefined },
        { organizationId: 'org-a', status: 'cancelled', keptMs: 10 * dayMs },
      ],
    });
    expect([await isKept(old.id), isStored(old.name), await isKept(young.id), isStored(young.name)]).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(await store.requests.find('org-b', cancelled)).toBeDefined();
    expect(await isKept(mine)).toBe(true);
  });

  it('removes pictures before their records', async () => {
    const { id, name } = await make(start - 2 * dayMs);
    await prune({ requests: [{ keptMs: 9 * dayMs }], pictures: [{ keptMs: dayMs }] });
    expect([await isKept(id), isStored(name), await store.removals.isRemoved(name)]).toEqual([true, false, true]);
  });

  it('goes through any number in small batches', async () => {
    const ids = await Promise.all(Array.from({ length: 45 }, () => submitOne(store.requests)));
    for (const id of ids) await store.requests.cancel('org-a', id, start - dayMs);
    const countLeft = async () => (await store.requests.list({ organizationId: 'org-a', limit: 1 })).total;
    const left = [];
    for (let round = 0; round < 3; round += 1) {
      // Stopped at its first pause.
      await prune({ requests: [{ keptMs: dayMs }] });
      left.push(await countLeft());
    }
    expect(left).toEqual([25, 5, 0]);
  });

  it('ends a round, however much is over by then: what is left of other kinds has its turn', async () => {
    const ids = await Promise.all(Array.from({ length: 45 }, () => submitOne(store.requests)));
    for (const id of ids) await store.requests.cancel('org-a', id, start - dayMs);
    const untils = new Set<number>();
    const prune: RemovalStore['prune'] = (query) => {
      untils.add(query.endedUntil);
      return store.removals.prune(query);
    };
    const kept = { requests: [{ keptMs: dayMs }], pictures: [], webhooksMs: dayMs, tombstonesMs: dayMs };
    const pruner = createPruner({ removals: { ...store.removals, prune }, media, kept, clock, logger });
    const begun = clock.now();
    await pruner.start();
    while ((await store.requests.list({ organizationId: 'org-a', limit: 1 })).total > 0) {
      clock.advance(10);
      await turn();
    }
    await pruner.stop();
    expect([...untils]).toEqual([begun - dayMs]);
  });

  it('leaves no file behind when it is killed before, between or after the bytes: another process goes on', async () => {
    const { id, name } = await make(start - 2 * dayMs);
    const rules = { requests: [{ keptMs: dayMs }] };
    await prune(rules, { discardStored: () => Promise.reject(new Error('killed')) });
    expect([await isKept(id), isStored(name), await store.removals.isRemoved(name)]).toEqual([false, true, true]);
    await prune(rules);
    expect(isStored(name)).toBe(true);
    clock.advance(5 * 60_000);
    await prune(rules);
    expect(isStored(name)).toBe(false);
  });
});
