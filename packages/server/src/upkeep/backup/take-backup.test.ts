import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../test/fakes/manual-clock.ts';
import type { ListedPicture } from '../../core/stored-picture.ts';
import { createDiskDriver } from '../../media/drivers/disk.ts';
import { toPictureKey } from '../../media/picture-name.ts';
import type { StorageDriver } from '../../media/storage-driver.ts';
import type { BackupSource, Rows } from './backup-source.ts';
import { takeBackup } from './take-backup.ts';

const toName = (letter: string) => `${letter.repeat(32)}.png`;

let folder: string;
let driver: StorageDriver;
/** The rows of the service; a snapshot copies them. */
let rows: ListedPicture[];
let snapshots: number;
let snapshot: readonly ListedPicture[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-take-backup-'));
  driver = createDiskDriver({ folder: path.join(folder, 'media') });
  await driver.check();
  rows = [];
  snapshots = 0;
  for (const letter of ['a', 'b', 'c']) await store(letter);
});
afterEach(() => rm(folder, { recursive: true }));

async function write(letter: string): Promise<void> {
  const file = path.join(folder, 'draft');
  await writeFile(file, `picture ${letter}`);
  await driver.write(toPictureKey(toName(letter)), file, { contentType: 'image/png' });
}

/** First the picture, then its row. */
async function store(letter: string): Promise<void> {
  await write(letter);
  rows.push({ name: toName(letter), bytes: 9 });
}

/** First the row, then the picture. */
async function remove(letter: string): Promise<void> {
  rows = rows.filter(({ name }) => name !== toName(letter));
  await driver.delete(toPictureKey(toName(letter)));
}

function toRows(all: readonly ListedPicture[]): Rows {
  return {
    listPictures: async ({ after = '', limit }) => all.filter(({ name }) => name > after).slice(0, limit),
    findPicture: async (name) => all.flatMap((row) => (row.name === name ? [{ name, bytes: 9 }] : []))[0],
    close: async () => undefined,
  };
}

/** `during` runs before and after the moment of each snapshot. */
async function take(during: {
  readonly before?: () => Promise<void>;
  readonly after?: (snapshots: number) => Promise<void>;
}) {
  const source: BackupSource = {
    driver,
    schema: 1,
    takeSnapshot: async (to) => {
      await during.before?.();
      snapshot = [...rows];
      snapshots++;
      await writeFile(to, JSON.stringify(snapshot));
      await during.after?.(snapshots);
    },
    openRows: async (file) => toRows(file === undefined ? rows : snapshot),
    countRequests: () => ({ success: snapshot.length }),
    files: [path.join(folder, 'missing')],
  };
  const quiet = { onObjects: () => undefined, onSnapshot: () => undefined };
  const { folder: backup, manifest } = await takeBackup({
    source,
    to: path.join(folder, 'backups'),
    keep: 7,
    clock: new ManualClock(),
    ...quiet,
  });
  const has = (letter: string) =>
    readFile(path.join(backup, 'media', toPictureKey(toName(letter))), 'utf8').catch(() => undefined);
  return { manifest, has };
}

describe('a backup', () => {
  it('has what was stored until the snapshot; a picture whose row came later does no harm', async () => {
    const { manifest, has } = await take({ before: () => store('d'), after: () => store('e') });
    expect([await has('d'), await has('e')]).toEqual(['picture d', 'picture e']);
    expect([manifest.objects.count, manifest.lost.count, snapshots]).toEqual([5, 0, 1]);
  });

  it('takes another snapshot when a picture came and went around the first, and leaves out what went before the last', async () => {
    let isFirst = true;
    const before = async () => {
      if (isFirst) await store('d');
      isFirst = false;
    };
    const { manifest, has } = await take({ before, after: async (count) => (count === 1 ? remove('d') : undefined) });
    expect([await has('d'), manifest.objects.count, manifest.lost.count, snapshots]).toEqual([undefined, 3, 0, 2]);
  });

  it('keeps a picture that is removed during the backup, since its snapshot names it', async () => {
    const { has, manifest } = await take({ after: () => remove('a') });
    expect([await has('a'), manifest.lost.count, snapshots]).toEqual(['picture a', 0, 1]);
  });

  it('leaves out a picture that was removed before the snapshot, although it was copied', async () => {
    const { has, manifest } = await take({ before: () => remove('b') });
    expect([await has('b'), manifest.objects.count]).toEqual([undefined, 2]);
  });

  it('names what the storage has lost', async () => {
    await driver.delete(toPictureKey(toName('c')));
    const { manifest } = await take({});
    expect(manifest.lost).toEqual({ count: 1, names: [toName('c')] });
  });
});
