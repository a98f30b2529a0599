import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import sharp, { type Sharp } from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLosses } from '../../test/fakes/losses-harness.ts';
import { makePngHead } from './codec/make-png-head.ts';
import { createDiskDriver } from './drivers/disk.ts';
import { MediaUnreadableError, MediaUnwritableError } from './media-errors.ts';
import { MediaStore } from './media-store.ts';
import type { PictureLosses } from './picture-losses.ts';
import { createUploadName, toPictureKey, toThumbnailName } from './picture-name.ts';
import type { StorageDriver } from './storage-driver.ts';
import { Thumbnails } from './thumbnails.ts';

let folder: string;
let spoolFolder: string;
let driver: StorageDriver;
let media: MediaStore;
let losses: PictureLosses;
let thumbnails: Thumbnails;
/** Every key that was written or opened, unchanged. */
let calls: string[];
/** Writes wait for it. */
let gate: Promise<void>;
/** How the bytes that are read arrive. */
let flow: 'whole' | 'stalled' | 'broken';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'darkroom-thumbnails-'));
  spoolFolder = await mkdtemp(join(tmpdir(), 'darkroom-spool-'));
  driver = createDiskDriver({ folder });
  calls = [];
  gate = Promise.resolve();
  flow = 'whole';
  media = new MediaStore(watched(driver));
  await media.check();
  losses = createLosses(media);
  thumbnails = new Thumbnails({ media, losses, folder: spoolFolder });
});

afterEach(async () => {
  await thumbnails.stop();
  expect(await readdir(spoolFolder)).toEqual([]);
  await rm(folder, { recursive: true, force: true });
  await rm(spoolFolder, { recursive: true, force: true });
});

describe('a thumbnail', () => {
  it.each([
    [1_024, 768, 512, 384],
    [600, 2_400, 128, 512],
    [96, 64, 96, 64],
  ])('of %i by %i pixels has %i by %i, in WebP', async (width, height, smallWidth, smallHeight) => {
    const name = await keep(draw(width, height).png());
    const bytes = await read(name);
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', width: smallWidth, height: smallHeight });
    const { r, g, b } = (await sharp(bytes).stats()).dominant;
    expect([r, g, b].every((channel, index) => Math.abs(channel - (colour[index] ?? 0)) < 16)).toBe(true);
  });

  it('is upright, has no metadata and keeps transparency', async () => {
    const turned = draw(800, 400)
      .withMetadata({ orientation: 6 })
      .withExif({ IFD0: { Artist: 'somebody' } });
    const upright = await sharp(await read(await keep(turned.jpeg(), 'image/jpeg'))).metadata();
    expect(upright).toMatchObject({ width: 256, height: 512 });
    expect([upright.exif, upright.icc, upright.orientation]).toEqual([undefined, undefined, undefined]);
    const clear = sharp({ create: { width: 8, height: 8, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } });
    expect((await sharp(await read(await keep(clear.png()))).stats()).isOpaque).toBe(false);
  });

  it('is made once, and from then on read by every process', async () => {
    const name = await keep(draw(800, 800).png());
    const first = await thumbnails.find(name);
    calls = [];
    expect(await thumbnails.find(name)).toEqual(first);
    expect(await new Thumbnails({ media, losses, folder: spoolFolder }).find(name)).toEqual(first);
    expect(calls).toEqual([]);
    const id = name.slice(0, 32);
    const key = `thumbnails/${id.slice(0, 2)}/thumbnail-${id}.webp`;
    expect((await Array.fromAsync(driver.list(''))).sort()).toEqual([toPictureKey(name), key].sort());
    expect(first).toMatchObject({
      kind: 'there',
      name: `thumbnail-${id}.webp`,
      picture: { contentType: 'image/webp' },
    });
  });

  it('is made once for all callers that ask while it is made', async () => {
    const name = await keep(draw(800, 800).png());
    calls = [];
    const all = await Promise.all(Array.from({ length: 50 }, () => thumbnails.find(name)));
    expect(new Set(all.map((found) => found.kind))).toEqual(new Set(['there']));
    // The last read finds the length in its own head.
    const own = [expect.stringMatching(/^write thumbnails\//), expect.stringMatching(/^read thumbnails\//)];
    expect(calls).toEqual([`read ${toPictureKey(name)}`, ...own]);
  });

  it.each([0, 5, 19, 40, -1])('that the storage has cut to %i bytes is made again, and never shown', async (end) => {
    const name = await keep(draw(800, 800).png());
    const whole = await read(name);
    for (const known of [losses, createLosses(media)]) {
      await put(toThumbnailName(name), whole.subarray(0, end));
      expect(await known.find(toThumbnailName(name))).toEqual({ kind: 'lost' });
      const found = await new Thumbnails({ media, losses: known, folder: spoolFolder }).find(name);
      expect(found).toMatchObject({ kind: 'there', picture: { bytes: whole.length } });
      expect((await read(name)).equals(whole)).toBe(true);
    }
  });

  it.each([undefined, 100])(
    'is not made and not shown for a picture of which the storage has %s bytes',
    async (end) => {
      const bytes = await draw(800, 800).png().toBuffer();
      const [name, made] = [await keep(sharp(bytes)), await keep(sharp(bytes))];
      const lengths = new Map([name, made].map((each) => [each, bytes.length]));
      const known = createLosses(media, lengths);
      await thumbnails.find(made);
      thumbnails = new Thumbnails({ media, losses: known, folder: spoolFolder });
      for (const each of [name, made]) {
        if (end === undefined) await driver.delete(toPictureKey(each));
        else await put(each, bytes.subarray(0, end));
        expect(await thumbnails.find(each)).toEqual({ kind: 'lost' });
      }
      expect(await media.find(toThumbnailName(name))).toBeUndefined();
    },
  );

  it('is made for an upload too, although its bucket did not check it', async () => {
    const name = createUploadName('image/png');
    await put(name, await draw(800, 800).png().toBuffer());
    expect((await sharp(await read(name)).metadata()).width).toBe(512);
  });

  it('is not shown without its picture', async () => {
    const name = await keep(draw(800, 800).png());
    expect(await thumbnails.find(name)).toMatchObject({ kind: 'there' });
    await driver.delete(toPictureKey(name));
    expect(await thumbnails.find(name)).toEqual({ kind: 'missing' });
  });
});

describe('no thumbnail', () => {
  it.each([`${'a'.repeat(32)}.png`, `upload-${'a'.repeat(32)}.png`, 'a', '../a.png', `${'a'.repeat(32)}.svg`])(
    'exists for the picture %s, which does not exist',
    async (name) => {
      expect(await thumbnails.find(name)).toEqual({ kind: 'missing' });
    },
  );

  it('is made from bytes that are not a picture, that are cut off, or that are SVG', async () => {
    const png = await draw(800, 800).png().toBuffer();
    const svg = Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
    );
    for (const bytes of [Buffer.from('text'), png.subarray(0, png.length / 2), svg]) {
      const name = createUploadName('image/png');
      await put(name, bytes);
      expect(await thumbnails.find(name)).toMatchObject({ kind: 'unreadable' });
    }
    expect((await Array.fromAsync(driver.list('thumbnails'))).length).toBe(0);
  });

  it('is tried again for a picture that cannot be decoded: the result is kept, and nothing is read', async () => {
    const broken = (await draw(800, 800).png().toBuffer()).subarray(0, 900);
    for (const bytes of [broken, makePngHead({ width: 9_990, height: 9_990, bits: 16, isInterlaced: true })]) {
      const name = createUploadName('image/png');
      await put(name, bytes);
      const first = await thumbnails.find(name);
      expect(first).toMatchObject({ kind: 'unreadable', reason: expect.stringMatching(/^The picture .*\.$/) });
      calls = [];
      expect(await thumbnails.find(name)).toEqual(first);
      expect(calls).toEqual([]);
      await put(name, await draw(9, 9).png().toBuffer());
      expect(await thumbnails.find(name)).toMatchObject({ kind: 'there' });
    }
  });

  it('is made for a file that is too large, and nothing of it is read', async () => {
    const name = createUploadName('image/png');
    await put(name, Buffer.alloc(64_000_001));
    calls = [];
    expect(await thumbnails.find(name)).toMatchObject({ kind: 'unreadable' });
    expect(calls).toEqual([]);
  });

  it('is promised when the storage cannot be read or written; the next caller gets it', async () => {
    const name = await keep(draw(800, 800).png());
    flow = 'broken';
    await expect(thumbnails.find(name)).rejects.toThrow(MediaUnreadableError);
    flow = 'whole';
    gate = Promise.reject(new Error('The storage is full.'));
    gate.catch(() => {});
    await expect(thumbnails.find(name)).rejects.toThrow(MediaUnwritableError);
    gate = Promise.resolve();
    expect(await thumbnails.find(name)).toMatchObject({ kind: 'there' });
  });

  it('is waited for beyond the time limit; the next caller gets it', async () => {
    const name = await keep(draw(800, 800).png());
    flow = 'stalled';
    expect(await new Thumbnails({ media, losses, folder: spoolFolder, makingMs: 50 }).find(name)).toEqual({
      kind: 'busy',
    });
    expect(await readdir(spoolFolder)).toEqual([]);
    flow = 'whole';
    expect(await thumbnails.find(name)).toMatchObject({ kind: 'there' });
  });

  it('is still being made after the thumbnails have stopped', async () => {
    const name = await keep(draw(800, 800).png());
    const held = Promise.withResolvers<void>();
    gate = held.promise;
    const found = thumbnails.find(name);
    while (!calls.some((call) => call.startsWith('write thumbnails/'))) await new Promise(setImmediate);
    const order: string[] = [];
    const stopped = thumbnails.stop().then(() => order.push('stopped'));
    held.resolve();
    await found.then(() => order.push('made'));
    await stopped;
    expect(order).toEqual(['made', 'stopped']);
  });

  it('is started when many are waiting already; those are made in order, two at a time', async () => {
    const picture = await draw(64, 64).png().toBuffer();
    const names = await Promise.all(Array.from({ length: 67 }, () => keep(sharp(picture).png())));
    calls = [];
    const held = Promise.withResolvers<void>();
    gate = held.promise;
    const found = names.map((name) => thumbnails.find(name));
    expect(await Promise.race(found)).toEqual({ kind: 'busy' });
    while (calls.filter((call) => call.startsWith('write')).length < 2) await new Promise(setImmediate);
    expect(calls.filter((call) => call.startsWith('read'))).toHaveLength(2);
    held.resolve();
    const kinds = (await Promise.all(found)).map(({ kind }) => kind);
    expect([kinds.filter((kind) => kind === 'there').length, kinds.filter((kind) => kind === 'busy').length]).toEqual([
      66, 1,
    ]);
  });
});

const colour = [30, 120, 200] as const;

function draw(width: number, height: number): Sharp {
  const [r, g, b] = colour;
  return sharp({ create: { width, height, channels: 3, background: { r, g, b } } });
}

async function keep(picture: Sharp, type: 'image/png' | 'image/jpeg' = 'image/png'): Promise<string> {
  const path = join(folder, '~source');
  const bytes = await picture.toBuffer();
  const file = `${path}${Math.random()}`;
  await writeFile(file, bytes);
  return media.keepAsIs({ path: file, bytes: bytes.length }, type);
}

async function put(name: string, bytes: Buffer): Promise<void> {
  const source = join(folder, '~source');
  await writeFile(source, bytes);
  await driver.write(toPictureKey(name), source, { contentType: 'image/png' });
}

async function read(name: string): Promise<Buffer> {
  const found = await thumbnails.find(name);
  const opened = found.kind === 'there' ? await media.open(found.name) : undefined;
  if (!opened) throw new Error(`There is no thumbnail: ${found.kind}.`);
  return buffer(opened.stream);
}

function watched(inner: StorageDriver): StorageDriver {
  return {
    write: async (key, source, options) => {
      calls.push(`write ${key}`);
      await gate;
      await inner.write(key, source, options);
    },
    read: async (key, range) => {
      calls.push(`read ${key}`);
      if (flow === 'whole') return inner.read(key, range);
      const stream = new Readable({ read: () => {} });
      if (flow === 'broken') stream.destroy(new Error('The line is cut.'));
      return { bytes: 9, stream };
    },
    stat: (key) => inner.stat(key),
    delete: (key) => inner.delete(key),
    list: (prefix) => inner.list(prefix),
    check: () => inner.check(),
  };
}
