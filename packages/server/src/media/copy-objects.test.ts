import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyObjects } from './copy-objects.ts';
import { createDiskDriver } from './drivers/disk.ts';
import { createPictureName, createUploadName, toKey, toPictureKey, toThumbnailName } from './picture-name.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'darkroom-copy-objects-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('a copy of the objects', () => {
  it('has everything except the thumbnails, which can be made again, and counts without them', async () => {
    const from = createDiskDriver({ folder: join(folder, 'from') });
    const to = createDiskDriver({ folder: join(folder, 'to') });
    await from.check();
    const names = [createPictureName('image/png'), createUploadName('image/jpeg')];
    const lasting = [...names.map(toPictureKey), toKey('originals', 'a.webp'), toKey('signatures', 'a')];
    const source = join(folder, 'source');
    await writeFile(source, 'bytes');
    for (const key of [...lasting, ...names.map((name) => toPictureKey(toThumbnailName(name)))])
      await from.write(key, source, { contentType: 'image/png' });
    const progress: unknown[] = [];
    await copyObjects({ from, to, folder, onProgress: (one) => progress.push(one) });
    expect((await Array.fromAsync(to.list(''))).sort()).toEqual(lasting.sort());
    expect(progress.at(-1)).toEqual({ done: 4, total: 4, bytes: 20 });
  });
});
