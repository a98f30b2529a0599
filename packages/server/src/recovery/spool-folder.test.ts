import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import sharp, { type Color } from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openNewStore } from '../../test/store/migrated-file.ts';
import type { CallEnd, Lease } from '../core/image-request.ts';
import { createDiskDriver } from '../media/drivers/disk.ts';
import { MediaStore } from '../media/media-store.ts';
import { createPictureName, toPictureKey } from '../media/picture-name.ts';
import type { StorageDriver } from '../media/storage-driver.ts';
import { createLogger } from '../platform/logger.ts';
import { beginOne, successOutcome, toCallEnd, toNewRequest } from '../store/contract/fixtures.ts';
import type { Store } from '../store/store.ts';
import { type ClearOptions, clearFolder } from './clear-folder.ts';
import { SpoolFolder } from './spool-folder.ts';

const logger = createLogger('silent');
const now = Date.now();
const verdict = { kind: 'succeed', outcome: successOutcome } as const;

let root: string;
let spool: string;
let sqlite: Store;
let driver: StorageDriver;
let media: MediaStore;
let isDeleting: boolean;
/** The questions and writes of `clearFolder`, by the names of their methods. */
let asked: string[];
let store: ClearOptions['store'];

beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'darkroom-spool-folder-'));
  spool = path.join(root, 'spool');
  await mkdir(spool);
  sqlite = openNewStore(path.join(root, 'darkroom.db'));
  driver = createDiskDriver({ folder: path.join(root, 'media') });
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
  asked = [];
  store = {
    exists: (id) => ask('exists', sqlite.requests.exists(id)),
    hasAnswer: (call) => ask('hasAnswer', sqlite.requests.hasAnswer(call)),
    findPicture: (name) => ask('findPicture', sqlite.requests.findPicture(name)),
    endCalls: (lease, ends) => ask('endCalls', sqlite.requests.endCalls(lease, ends)),
  };
});

function ask<T>(name: string, answer: Promise<T>): Promise<T> {
  asked.push(name);
  return answer;
}

afterEach(async () => {
  await sqlite.close();
  await rm(root, { recursive: true });
});

const toFolder = async (name: string) => {
  const folder = new SpoolFolder(path.join(spool, name), { store, media, logger });
  await folder.create();
  return folder;
};
const keys = async () => (await Array.fromAsync(driver.list(''))).sort();
const folders = () => readdir(spool);

/** An answer of a text and a picture, each with a signature, kept in the folder: three objects. */
async function keep(folder: SpoolFolder, lease: Lease): Promise<CallEnd> {
  const spooled = async (name: string, bytes: string | Buffer) => {
    const file = path.join(folder.path, name);
    await writeFile(file, bytes);
    return { path: file, bytes: bytes.length };
  };
  const draw = () =>
    sharp({ create: { width: 8, height: 8, channels: 3, background: '#a32' } })
      .png()
      .toBuffer();
  const parts = [
    { kind: 'text', text: 'Here it is.', signature: await spooled('text', 'c2ln') },
    {
      kind: 'picture',
      file: await spooled('picture', await draw()),
      declaredMimeType: 'image/png',
      signature: await spooled('signature', 'c2ln'),
    },
  ] as const;
  const end = toCallEnd();
  const asked = { format: 'png', pixels: { width: 8, height: 8 } } as const;
  const answer = await folder.keepAnswer({ lease, end, answer: { parts, asked } }, (storing) => storing());
  const ended = { ...end, answer };
  await folder.noteEnd(lease, ended);
  return ended;
}

/** Announces and writes an object that no row names. */
async function storeStray(folder: SpoolFolder, requestId: string): Promise<string> {
  const file = path.join(folder.path, 'stray');
  await writeFile(file, 'bytes');
  const name = createPictureName('image/png');
  await folder.announce([toPictureKey(name)], { requestId });
  await media.keepAsIs({ path: file, bytes: 5 }, 'image/png', name);
  return name;
}

describe('the folder of an attempt', () => {
  it('whose ends are written is removed without asking the store, and keeps every picture', async () => {
    const { lease } = await beginOne(sqlite.requests);
    const folder = await toFolder('attempt');
    const end = await keep(folder, lease);
    expect(await sqlite.requests.settle({ lease, ends: [end], verdict, now })).toBe(true);
    const stored = await keys();
    await folder.removeRecorded([end]);
    expect(asked).toEqual([]);
    expect(stored).toHaveLength(3);
    expect(await keys()).toEqual(stored);
    expect(await folders()).toEqual([]);
  });

  it('loses what was stored for a call that ended without its answer', async () => {
    const { lease } = await beginOne(sqlite.requests);
    const folder = await toFolder('attempt');
    const { answer: _, ...end } = await keep(folder, lease);
    await folder.removeRecorded([{ ...end, result: 'failed' }]);
    expect(await keys()).toEqual([]);
    expect(asked).toEqual([]);
  });

  it('whose settlement was refused, and whose row has no answer, is cleared of its orphans', async () => {
    const { lease } = await beginOne(sqlite.requests);
    const folder = await toFolder('attempt');
    const { answer: _, ...end } = await keep(folder, lease);
    // As a row that refuses what is to be written of it: its end is there, and its answer is not.
    await sqlite.requests.endCalls(lease, [{ ...end, result: 'failed' }]);
    await folder.clear();
    expect(await keys()).toEqual([]);
    expect(await folders()).toEqual([]);
  });

  it('whose settlement could not be written is cleared by recording its answer', async () => {
    const { lease, request } = await beginOne(sqlite.requests);
    const folder = await toFolder('attempt');
    const { answer } = await keep(folder, lease);
    const stored = await keys();
    await folder.clear();
    expect(asked).toContain('endCalls');
    expect(await sqlite.requests.attempts('org-a', request.id)).toMatchObject([{ result: 'succeeded', answer }]);
    expect(await keys()).toEqual(stored);
  });

  it('is cleared by masking an answer as it would have been, when the process was killed before it was stored', async () => {
    const { lease } = await beginOne(sqlite.requests);
    const folder = await toFolder('attempt');
    const draw = async (name: string, background: Color) => {
      const file = path.join(folder.path, name);
      const { size } = await sharp({ create: { width: 8, height: 8, channels: 4, background } })
        .png()
        .toFile(file);
      return { path: file, bytes: size };
    };
    const masked = {
      original: await draw('original', { r: 12, g: 34, b: 56, alpha: 1 }),
      mask: await draw('mask', { r: 0, g: 0, b: 0, alpha: 1 }),
    };
    const file = await draw('picture', '#a32');
    const answer = {
      parts: [{ kind: 'picture', file, declaredMimeType: 'image/png' }],
      asked: { format: 'png', masked },
    } as const;
    const killed = new Error('killed');
    await expect(folder.keepAnswer({ lease, end: toCallEnd(), answer }, () => Promise.reject(killed))).rejects.toBe(
      killed,
    );
    // Another process knows the folder by another name.
    await rename(folder.path, path.join(spool, 'found'));
    await clearFolder(path.join(spool, 'found'), { store, media });
    const [key = ''] = await keys();
    expect(key).toMatch(/^pictures\/.*\.png$/);
    const pixels = await sharp(path.join(root, 'media', key))
      .raw()
      .toBuffer();
    expect([...pixels.subarray(0, 4)]).toEqual([12, 34, 56, 255]);
    expect(await folders()).toEqual([]);
  });

  it('is set aside while the storage is away, with its journal, by which it is cleared later', async () => {
    const { lease } = await beginOne(sqlite.requests);
    const folder = await toFolder('attempt');
    const end = await keep(folder, lease);
    const stored = await keys();
    await sqlite.requests.settle({ lease, ends: [end], verdict, now });
    await storeStray(folder, 'unknown');
    isDeleting = false;
    await folder.removeRecorded([end]);
    expect(await folders()).toEqual(['~attempt']);
    isDeleting = true;
    await new SpoolFolder(path.join(spool, '~attempt'), { store, media, logger }).clear();
    expect(await keys()).toEqual(stored);
    expect(await folders()).toEqual([]);
  });

  it('that was never made is removed, too', async () => {
    const folder = new SpoolFolder(path.join(spool, 'attempt'), { store, media, logger });
    await folder.removeRecorded([]);
    await folder.clear();
    expect(await folders()).toEqual([]);
  });
});

describe('the folder of a submit', () => {
  it('whose row is written is removed without asking the store', async () => {
    const folder = await toFolder('submit');
    const name = await storeStray(folder, 'id');
    await folder.removeNaming([toPictureKey(name)]);
    expect(await keys()).toEqual([toPictureKey(name)]);
    expect(asked).toEqual([]);
    expect(await folders()).toEqual([]);
  });

  it('of which it is not known whether its row was written is cleared by asking the store', async () => {
    const request = toNewRequest();
    await sqlite.requests.submit(request);
    const [kept, refused] = [await toFolder('kept'), await toFolder('refused')];
    const name = await storeStray(kept, request.id);
    await storeStray(refused, 'unknown');
    await kept.clear();
    await refused.clear();
    expect(asked).toEqual(['exists', 'exists']);
    expect(await keys()).toEqual([toPictureKey(name)]);
  });
});
