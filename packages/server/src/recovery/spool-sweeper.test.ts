import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/fakes/manual-clock.ts';
import { openNewStore } from '../../test/store/migrated-file.ts';
import { createDiskDriver } from '../media/drivers/disk.ts';
import { MediaStore } from '../media/media-store.ts';
import { createPictureName, toPictureKey } from '../media/picture-name.ts';
import type { StorageDriver } from '../media/storage-driver.ts';
import { createSecret } from '../platform/ids.ts';
import { createLogger } from '../platform/logger.ts';
import { toNewRequest } from '../store/contract/fixtures.ts';
import type { Store } from '../store/store.ts';
import { lockFolder } from './folder-lock.ts';
import { Journal } from './journal.ts';
import { prepareSpool, type Spool } from './spool.ts';
import { SpoolFolder } from './spool-folder.ts';

const logger = createLogger('silent');
const dayMs = 24 * 3_600_000;

let folder: string;
let root: string;
let sqlite: Store;
let driver: StorageDriver;
let isDeleting: boolean;
let media: MediaStore;
let clock: ManualClock;
let spools: Spool[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-spool-'));
  root = path.join(folder, 'spool');
  sqlite = openNewStore(path.join(folder, 'darkroom.db'));
  driver = createDiskDriver({ folder: path.join(folder, 'media') });
  isDeleting = true;
  media = new MediaStore({
    write: (key, source, options) => driver.write(key, source, options),
    read: (key, range) => driver.read(key, range),
    stat: (key) => driver.stat(key),
    list: (prefix) => driver.list(prefix),
    check: () => driver.check(),
    delete: async (key) => {
      if (!isDeleting) throw new Error('the storage is away');
      return driver.delete(key);
    },
  });
  await media.check();
  clock = new ManualClock(Date.now());
  spools = [];
});

afterEach(async () => {
  for (const spool of spools) await spool.stop();
  await sqlite.close();
  await rm(folder, { recursive: true });
});

async function prepare(): Promise<Spool> {
  const spool = await prepareSpool(root, { store: sqlite.requests, media, clock, logger });
  spools.push(spool);
  return spool;
}

/** A submit's folder inside `spoolFolder`, with the journal and the picture of a request that no row knows; its key. */
async function leaveOrphan(spoolFolder: string, requestId = 'unknown'): Promise<string> {
  const submit = path.join(spoolFolder, `submit-${createSecret()}`);
  await mkdir(submit, { recursive: true });
  const file = path.join(submit, 'picture');
  await writeFile(file, 'bytes');
  const name = createPictureName('image/png');
  await new Journal(submit).append({ kind: 'storing', keys: [toPictureKey(name)], owner: { requestId } });
  await media.keepAsIs({ path: file, bytes: 5 }, 'image/png', name);
  return toPictureKey(name);
}

/** The folder of a process that is gone: nobody holds its lock. */
async function leaveFolder({ host = os.hostname(), pid = process.pid } = {}): Promise<string> {
  const left = path.join(root, `${host}-${pid}-${createSecret()}`);
  await mkdir(left, { recursive: true });
  return left;
}

const keys = () => Array.fromAsync(driver.list(''));
const names = async () => (await readdir(root)).sort();
const nameOf = (spool: { readonly folder: string }) => path.basename(spool.folder);

describe('the spool', () => {
  it.each([
    ['this very process number, as in a container', process.pid],
    ['a number that another program has now', 1],
    ['a number that nobody has', 4_194_305],
  ])('of a process that is gone is cleared with its orphans: %s', async (_, pid) => {
    await leaveOrphan(await leaveFolder({ pid }));
    const spool = await prepare();
    expect(await keys()).toEqual([]);
    expect(await names()).toEqual([nameOf(spool)]);
  });

  it('of a process that is gone keeps what a row names', async () => {
    const request = toNewRequest();
    await sqlite.requests.submit(request);
    const key = await leaveOrphan(await leaveFolder(), request.id);
    await prepare();
    expect(await keys()).toEqual([key]);
    expect(await names()).toHaveLength(1);
  });

  it('of a process that runs is never touched, whoever looks', async () => {
    const running = await prepare();
    const key = await leaveOrphan(running.folder);
    const sibling = await prepare();
    await sibling.start();
    expect(await keys()).toEqual([key]);
    expect(await names()).toEqual([nameOf(running), nameOf(sibling)].sort());
  });

  it('of another host is cleared only when it has lain untouched for a day and nobody holds its lock', async () => {
    const left = await leaveFolder({ host: 'another-host' });
    const key = await leaveOrphan(left);
    await prepare();
    expect(await keys()).toEqual([key]);
    clock.advance(dayMs + 60_000);
    const lock = lockFolder(left);
    await prepare();
    expect(await keys()).toEqual([key]);
    lock?.release();
    clock.advance(dayMs);
    await prepare();
    expect(await keys()).toEqual([]);
    expect(await names()).not.toContain(path.basename(left));
  });

  it('of another host is judged by the youngest thing in it', async () => {
    const left = await leaveFolder({ host: 'another-host' });
    await leaveOrphan(left);
    const longAgo = new Date(clock.now() - 2 * dayMs);
    await utimes(left, longAgo, longAgo);
    await prepare();
    expect(await keys()).toHaveLength(1);
  });

  it('leaves alone what it did not make', async () => {
    await mkdir(path.join(root, 'lost+found'), { recursive: true });
    await writeFile(path.join(root, 'notes'), '');
    const spool = await prepare();
    expect(await names()).toEqual(['lost+found', nameOf(spool), 'notes'].sort());
  });

  it('clears while it runs what a sibling left and what storage in trouble had set aside', async () => {
    const spool = await prepare();
    await leaveOrphan(await leaveFolder());
    await leaveOrphan(spool.folder);
    const [submit = ''] = (await readdir(spool.folder)).filter((name) => name.startsWith('submit-'));
    isDeleting = false;
    await new SpoolFolder(path.join(spool.folder, submit), { store: sqlite.requests, media, logger }).clear();
    expect(await keys()).toHaveLength(2);
    isDeleting = true;
    await spool.start();
    while (clock.sleeping === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(await keys()).toEqual([]);
    expect(await names()).toEqual([nameOf(spool)]);
    await leaveOrphan(await leaveFolder());
    clock.advance(60_000);
    while (clock.sleeping === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(await keys()).toEqual([]);
  });

  it('stays with its journals when the storage is away, and is cleared by the next process', async () => {
    const first = await prepare();
    await leaveOrphan(first.folder);
    isDeleting = false;
    await first.stop();
    expect(await names()).toEqual([nameOf(first)]);
    isDeleting = true;
    const second = await prepare();
    expect(await keys()).toEqual([]);
    expect(await names()).toEqual([nameOf(second)]);
    await second.stop();
    expect(await names()).toEqual([]);
  });
});
