import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import type { SpoolFile } from '@darkroom/json-stream';
import sharp, { type Sharp } from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withJpegCredentials } from '../../test/fakes/credentials.ts';
import type { StoredPicture } from '../core/stored-picture.ts';
import { makePngHead } from './codec/make-png-head.ts';
import { createDiskDriver } from './drivers/disk.ts';
import { MediaUnwritableError, UnreadablePictureError, UnsupportedPictureError } from './media-errors.ts';
import { MediaStore } from './media-store.ts';
import type { AskedPicture } from './picture-objects.ts';
import type { StorageDriver } from './storage-driver.ts';

const pixels = { width: 96, height: 64 };
const png = { format: 'png', pixels } as const;
const jpeg = { format: 'jpeg', pixels } as const;

let folder: string;
let spoolFolder: string;
let driver: StorageDriver;
let media: MediaStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'darkroom-media-'));
  spoolFolder = await mkdtemp(join(tmpdir(), 'darkroom-spool-'));
  driver = createDiskDriver({ folder });
  media = new MediaStore(driver);
  await media.check();
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
  await rm(spoolFolder, { recursive: true, force: true });
});

describe('a kept picture', () => {
  it('has exactly the upstream’s bytes when they have the requested format', async () => {
    const bytes = await draw().jpeg().toBuffer();
    const kept = await media.keep({ file: await spool(bytes) }, jpeg);
    expect(kept).toEqual({
      name: expect.stringMatching(/^[\w-]{32}\.jpg$/),
      format: 'jpeg',
      bytes: bytes.length,
      sha256: toSha256(bytes),
      ...pixels,
    });
    expect(await readPublic(kept)).toEqual({ bytes, contentType: 'image/jpeg' });
    expect(await keys()).toEqual([`pictures/${kept.name.slice(0, 2)}/${kept.name}`]);
  });

  it.each(['jpeg', 'webp', 'png'] as const)(
    'has exactly the bytes of a model that sends %s when they are to stay as they came',
    async (format) => {
      const bytes = await draw().toFormat(format).toBuffer();
      const kept = await media.keep({ file: await spool(bytes) }, { format: 'original', pixels });
      expect(kept).toMatchObject({ format, sha256: toSha256(bytes) });
      expect(kept).not.toHaveProperty('originalKey');
    },
  );

  it('keeps its content credentials only when its bytes are the model’s, and says so', async () => {
    const bytes = withJpegCredentials(await draw().jpeg().toBuffer());
    const asItCame = await media.keep({ file: await spool(bytes) }, { format: 'original', pixels });
    expect(asItCame).toMatchObject({ format: 'jpeg', hasCredentials: true, sha256: toSha256(bytes) });
    expect(await media.keep({ file: await spool(bytes) }, png)).not.toHaveProperty('hasCredentials');
  });

  it.each(['png', 'jpeg', 'webp'] as const)(
    'says in its metadata that a model made it when it was encoded as %s',
    async (format) => {
      const from = format === 'png' ? 'jpeg' : 'png';
      const kept = await media.keep({ file: await spool(await draw().toFormat(from).toBuffer()) }, { format, pixels });
      const { xmpAsString } = await sharp((await readPublic(kept)).bytes).metadata();
      expect(xmpAsString).toContain('digitalsourcetype/trainedAlgorithmicMedia"');
    },
  );

  it('makes WebP, and encodes again what has the format already when a quality is asked for', async () => {
    const noise = await sharp({
      create: {
        width: 64,
        height: 64,
        channels: 3,
        background: '#888',
        noise: { type: 'gaussian', mean: 128, sigma: 40 },
      },
    })
      .jpeg({ quality: 95 })
      .toBuffer();
    const keep = async (asked: AskedPicture) => media.keep({ file: await spool(noise) }, asked);
    const webp = await keep({ format: 'webp' });
    expect(webp).toMatchObject({ format: 'webp', name: expect.stringMatching(/\.webp$/), width: 64, height: 64 });
    expect(webp.originalKey).toMatch(/^originals\/.*\.jpg$/);
    const asItCame = await keep({ format: 'jpeg' });
    expect([asItCame.bytes, asItCame.originalKey]).toEqual([noise.length, undefined]);
    const sizes = await Promise.all([90, 50, 10].map((quality) => keep({ format: 'jpeg', quality })));
    expect(sizes.map(({ bytes }) => bytes)).toEqual(sizes.map(({ bytes }) => bytes).toSorted((a, b) => b - a));
    expect(new Set(sizes.map(({ bytes }) => bytes)).size).toBe(3);
    expect(sizes[2]?.originalKey).toMatch(/^originals\/.*\.jpg$/);
  });

  it.each([
    ['jpeg', png, 'jpg'],
    ['png', jpeg, 'png'],
    ['webp', png, 'webp'],
  ] as const)('is transcoded from %s, and the original is kept under a private key', async (from, asked, extension) => {
    const bytes = await draw().toFormat(from).toBuffer();
    const kept = await media.keep({ file: await spool(bytes) }, asked);
    const shown = await readPublic(kept);
    expect(await sharp(shown.bytes).metadata()).toMatchObject({ format: asked.format, ...pixels });
    expect(kept).toMatchObject({ bytes: shown.bytes.length, sha256: toSha256(shown.bytes), ...pixels });
    const id = kept.name.slice(0, 32);
    expect(kept.originalKey).toBe(`originals/${id.slice(0, 2)}/${id}.${extension}`);
    expect(await readObject(kept.originalKey)).toEqual(bytes);
  });

  it('loses nothing on its way from JPEG to PNG', async () => {
    const file = await spool(await draw().jpeg().toBuffer());
    const shown = await readPublic(await media.keep({ file }, png));
    expect(await sharp(shown.bytes).raw().toBuffer()).toEqual(await sharp(file.path).raw().toBuffer());
  });

  it('keeps its signature under a private key', async () => {
    const signature = await spool(Buffer.from('c2lnbmF0dXJl'));
    const kept = await media.keep({ file: await spool(await draw().png().toBuffer()), signature }, png);
    const id = kept.name.slice(0, 32);
    expect(kept.signatureKey).toBe(`signatures/${id.slice(0, 2)}/${id}`);
    expect(String(await readObject(kept.signatureKey))).toBe('c2lnbmF0dXJl');
  });

  it('says which pixels were asked for only when the upstream made different ones', async () => {
    const file = await spool(await draw().png().toBuffer());
    expect(await media.keep({ file }, png)).not.toHaveProperty('asked');
    const asked = { width: 1024, height: 1024 };
    expect(await media.keep({ file }, { format: 'png', pixels: asked })).toMatchObject({ ...pixels, asked });
  });

  it('is measured and transcoded as it is seen when the camera was rotated', async () => {
    const turned = await draw().jpeg().withMetadata({ orientation: 6 }).toBuffer();
    const seen = { width: 64, height: 96 };
    expect(await media.keep({ file: await spool(turned) }, jpeg)).toMatchObject(seen);
    const kept = await media.keep({ file: await spool(turned) }, png);
    expect(kept).toMatchObject(seen);
    expect(await sharp((await readPublic(kept)).bytes).metadata()).toMatchObject(seen);
  });

  it('gets a white background when its transparency is lost in a JPEG', async () => {
    const clear = sharp({ create: { ...pixels, channels: 4, background: '#0000' } });
    const kept = await media.keep({ file: await spool(await clear.png().toBuffer()) }, jpeg);
    const [red] = await sharp((await readPublic(kept)).bytes)
      .raw()
      .toBuffer();
    expect(red).toBe(255);
  });

  it('has its own name each time, even when one file is kept many times at once', async () => {
    const file = await spool(await draw().png().toBuffer());
    const kept = await Promise.all(Array.from({ length: 6 }, () => media.keep({ file }, jpeg)));
    expect(new Set(kept.map(({ name }) => name)).size).toBe(6);
  });

  it('leaves the spool folder as it found it', async () => {
    const bytes = await draw().jpeg().toBuffer();
    const file = await spool(bytes);
    const before = await readdir(spoolFolder);
    await media.keep({ file }, png);
    expect(await readdir(spoolFolder)).toEqual(before);
    expect(await readFile(file.path)).toEqual(bytes);
  });

  it('becomes visible only when its signature and its original are stored', async () => {
    const order: string[] = [];
    const recording = new MediaStore(
      overriding({
        write: async (key, source, options) => {
          await driver.write(key, source, options);
          order.push(key.split('/')[0] ?? '');
        },
      }),
    );
    const signature = await spool(Buffer.from('signature'));
    await recording.keep({ file: await spool(await draw().jpeg().toBuffer()), signature }, png);
    expect(order).toEqual(['signatures', 'originals', 'pictures']);
  });
});

describe('a picture that is paid for', () => {
  it.each([
    ['jpeg', 1],
    ['jpeg', 2],
    ['jpeg', 30],
    ['png', 4],
    ['png', 16],
    ['png', 60],
  ] as const)('is kept, not paid again, when its last bytes are missing: %s, %i', async (from, cut) => {
    const whole = await sharp(await drawLarge().png().toBuffer())
      .toFormat(from)
      .toBuffer();
    const expected = await sharp(whole).raw().toBuffer();
    for (const asked of [png, jpeg]) {
      const shown = await readPublic(await media.keep({ file: await spool(whole.subarray(0, -cut)) }, asked));
      const raw = await sharp(shown.bytes, { failOn: 'error' }).removeAlpha().raw().toBuffer();
      const first = raw.subarray(0, raw.length / 2);
      const meanError = first.reduce((sum, value, at) => sum + Math.abs(value - (expected[at] ?? 0)), 0) / first.length;
      expect(meanError).toBeLessThan(asked.format === from ? 0.1 : 8);
    }
  });

  it.each(['jpeg', 'png'] as const)(
    'has its flaw noted when pixels are missing, and its original kept: %s',
    async (from) => {
      const bytes = (await drawLarge().toFormat(from).toBuffer()).subarray(0, -60);
      const kept = await media.keep({ file: await spool(bytes) }, from === 'png' ? png : jpeg);
      expect(kept.flaw).toContain('cut off at its end');
      expect(await readObject(kept.originalKey)).toEqual(bytes);
      expect(await readdir(spoolFolder)).toHaveLength(1);
    },
  );

  it.each([
    ['gif', '.gif'],
    ['tiff', '.tiff'],
    ['avif', '.avif'],
    ['webp', '.webp'],
  ] as const)('is converted when it comes as %s', async (from, extension) => {
    const bytes = await drawLarge().toFormat(from).toBuffer();
    const kept = await media.keep({ file: await spool(bytes) }, png);
    expect(kept).toMatchObject({ format: 'png', width: 256, height: 256 });
    expect(kept.originalKey?.endsWith(extension)).toBe(true);
    expect(await readObject(kept.originalKey)).toEqual(bytes);
  });

  it('is refused by name when it comes as HEIC, since another one would be no better', async () => {
    const head = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
    const file = await spool(Buffer.concat([head, randomBytes(2_000)]));
    await expect(media.keep({ file }, png)).rejects.toThrow(UnsupportedPictureError);
  });

  it('is kept as it is when it takes too much memory to decode', async () => {
    const bytes = makePngHead({ width: 9_990, height: 9_990, bits: 16, isInterlaced: true });
    for (const asked of [png, jpeg]) {
      const kept = await media.keep({ file: await spool(bytes) }, asked);
      expect(kept).toMatchObject({ format: 'png', width: 9_990, flaw: expect.stringContaining('of memory to decode') });
      expect((await readPublic(kept)).bytes).toEqual(bytes);
    }
  });
});

describe('what is no picture', () => {
  it.each(['jpeg', 'png'] as const)('says that its last rows are missing, however large it is: %s', async (format) => {
    const large = { width: 2048, height: 256 };
    const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
    const whole = await sharp({ create: { ...large, channels: 3, noise, background: 'red' } })
      .toFormat(format)
      .toBuffer();
    const cut = whole.subarray(0, Math.floor(whole.length * 0.99));
    const kept = await media.keep({ file: await spool(cut) }, { format, pixels: large });
    expect(kept.flaw).toContain('cut off at its end');
    expect(kept.originalKey).toBeDefined();
    expect((await keys()).toSorted()).toEqual([kept.originalKey, `pictures/${kept.name.slice(0, 2)}/${kept.name}`]);
  });

  it.each([
    ['nothing', async () => Buffer.alloc(0)],
    ['words', async () => Buffer.from('I cannot draw that.')],
    ['a drawing of a type that runs scripts', async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['a JPEG cut off in its head', async () => (await draw().jpeg().toBuffer()).subarray(0, 100)],
    ['a JPEG cut off', async () => cutInHalf(await draw().jpeg().toBuffer())],
    ['a PNG cut off', async () => cutInHalf(await draw().png().toBuffer())],
    ['a JPEG start without a picture', async () => Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), randomBytes(500)])],
    ['a PNG that says it is vast', makeVastPng],
  ])('is refused and leaves nothing: %s', async (_, make) => {
    const file = await spool(await make());
    const signature = await spool(Buffer.from('signature'));
    const before = await readdir(spoolFolder);
    for (const asked of [png, jpeg]) {
      await expect(media.keep({ file, signature }, asked)).rejects.toThrow(UnreadablePictureError);
    }
    expect(await keys()).toEqual([]);
    expect(await readdir(spoolFolder)).toEqual(before);
  });
});

describe('a failing storage', () => {
  it.each(['signatures', 'originals', 'pictures'])('leaves nothing when it fails at the %s', async (area) => {
    const trouble = new Error('No space is left.');
    const failing = new MediaStore(
      overriding({
        write: async (key, source, options) => {
          if (key.startsWith(area)) throw trouble;
          await driver.write(key, source, options);
        },
      }),
    );
    const picture = { file: await spool(await draw().jpeg().toBuffer()), signature: await spool(Buffer.from('s')) };
    const before = await readdir(spoolFolder);
    const error = await failing.keep(picture, png).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MediaUnwritableError);
    expect(error).toMatchObject({ cause: trouble, message: expect.not.stringContaining('space') });
    expect(await keys()).toEqual([]);
    expect(await readdir(spoolFolder)).toEqual(before);
  });

  it('is distinguished from a bad picture when the transcoded file cannot be written', async () => {
    const file = await spool(await draw().jpeg().toBuffer());
    const longName = { ...file, path: join(spoolFolder, 'x'.repeat(250)) };
    await writeFile(longName.path, await readFile(file.path));
    await expect(media.keep({ file: longName }, png)).rejects.toThrow(MediaUnwritableError);
    expect(await keys()).toEqual([]);
  });
});

describe('opening', () => {
  it('finds no picture under an invalid name, and nothing private', async () => {
    const picture = { file: await spool(await draw().jpeg().toBuffer()), signature: await spool(Buffer.from('s')) };
    const { name, originalKey = '', signatureKey = '' } = await media.keep(picture, png);
    const id = name.slice(0, 32);
    const names = [originalKey, signatureKey, `../originals/${id.slice(0, 2)}/${id}.jpg`, id, `${id}.jpg`, `${id}.PNG`];
    for (const wrong of [...names, '', '..', '%2e%2e', `${name}\n`, `a${name}`, `${id}.png.png`]) {
      expect(await media.find(wrong)).toBeUndefined();
      expect(await media.open(wrong)).toBeUndefined();
    }
  });

  it('returns a range of the bytes, and the same validator each time', async () => {
    const bytes = await draw().png().toBuffer();
    const { name } = await media.keep({ file: await spool(bytes) }, png);
    const part = await media.open(name, { start: 10, end: 19 });
    expect(part && (await buffer(part.stream))).toEqual(bytes.subarray(10, 20));
    expect(part).toMatchObject({ bytes: bytes.length, etag: `"${name.slice(0, 32)}"` });
    expect(await media.find(name)).toMatchObject({ bytes: bytes.length, etag: part?.etag });
  });
});

function drawLarge(): Sharp {
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
  return sharp({ create: { width: 256, height: 256, channels: 3, noise, background: 'red' } });
}

/** A picture with different content at every spot. */
function draw(): Sharp {
  return sharp({
    create: { ...pixels, channels: 3, noise: { type: 'gaussian', mean: 128, sigma: 40 }, background: 'red' },
  });
}

function cutInHalf(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.length / 2);
}

/** A whole PNG head that declares 50,000 by 50,000 pixels. */
async function makeVastPng(): Promise<Buffer> {
  const bytes = await draw().png().toBuffer();
  bytes.writeUInt32BE(50_000, 16);
  bytes.writeUInt32BE(50_000, 20);
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  return bytes;
}

async function spool(bytes: Buffer): Promise<SpoolFile> {
  const path = join(spoolFolder, randomBytes(6).toString('hex'));
  await writeFile(path, bytes);
  return { path, bytes: bytes.length };
}

function overriding(methods: Partial<StorageDriver>): StorageDriver {
  return {
    write: (key, source, options) => driver.write(key, source, options),
    read: (key, range) => driver.read(key, range),
    stat: (key) => driver.stat(key),
    delete: (key) => driver.delete(key),
    list: (prefix) => driver.list(prefix),
    check: () => driver.check(),
    ...methods,
  };
}

function keys(): Promise<string[]> {
  return Array.fromAsync(driver.list(''));
}

async function readObject(key: string | undefined): Promise<Buffer | undefined> {
  const object = await driver.read(key ?? 'missing');
  return object && buffer(object.stream);
}

async function readPublic({ name }: StoredPicture): Promise<{ bytes: Buffer; contentType: string }> {
  const opened = await media.open(name);
  if (!opened) throw new Error(`There is no picture ${name}.`);
  return { bytes: await buffer(opened.stream), contentType: opened.contentType };
}

function toSha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
