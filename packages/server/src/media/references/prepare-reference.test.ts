import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makePngHead } from '../codec/make-png-head.ts';
import { prepareReference } from './prepare-reference.ts';
import { ReferenceFailure } from './reference-failure.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-references-'));
});

afterEach(() => rm(folder, { recursive: true }));

const types = ['image/png', 'image/jpeg', 'image/webp', 'image/heic', 'image/heif'];

async function prepare(bytes: Buffer) {
  const file = path.join(folder, 'reference');
  await writeFile(file, bytes);
  const prepared = await prepareReference({ path: file, bytes: bytes.length }, { folder, types });
  return { ...prepared, sent: await readFile(prepared.file.path) };
}

/** Red on the left, blue on the right. */
function draw(): Sharp {
  const right = { create: { width: 32, height: 32, channels: 3, background: '#00f' } } as const;
  return sharp({ create: { width: 64, height: 32, channels: 3, background: '#f00' } }).composite([
    { input: right, left: 32, top: 0 },
  ]);
}

const flat = async () => sharp(await draw().png().toBuffer());

async function pixelAt(bytes: Buffer, x: number, y: number): Promise<readonly number[]> {
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)];
}

const isNear = (found: readonly number[], wanted: readonly number[]) =>
  found.every((value, index) => Math.abs(value - (wanted[index] ?? 0)) < 12);

describe('a reference that the upstream reads as it is', () => {
  it.each(['png', 'jpeg', 'webp'] as const)('is sent byte for byte: %s', async (format) => {
    const bytes = await (await flat()).toFormat(format).toBuffer();
    expect(await prepare(bytes)).toMatchObject({ mimeType: `image/${format}`, sent: bytes });
  });

  it('is sent byte for byte when something follows its end, such as the second picture of an MPO', async () => {
    const bytes = await (await flat()).jpeg().toBuffer();
    for (const behind of [bytes, Buffer.from('made by a camera')]) {
      const both = Buffer.concat([bytes, behind]);
      expect(await prepare(both)).toMatchObject({ mimeType: 'image/jpeg', sent: both });
    }
  });

  it.each([
    [['mif1', 'heic', 'mif1'], 'image/heic'],
    [['heic', 'mif1'], 'image/heic'],
    [['mif1', 'miaf'], 'image/heif'],
  ])('is HEIC when any of its brands says so: %j', async ([major = '', ...others], mimeType) => {
    const type = Buffer.from(`\0\0\0\0ftyp${major}\0\0\0\0${others.join('')}`, 'latin1');
    type.writeUInt32BE(type.length, 0);
    const data = Buffer.concat([Buffer.from([0, 0, 0, 100]), Buffer.from('mdat'), Buffer.alloc(92, 7)]);
    const bytes = Buffer.concat([type, data]);
    expect(await prepare(bytes)).toMatchObject({ mimeType, sent: bytes });
    await expect(prepare(bytes.subarray(0, -1))).rejects.toThrow('it is cut off');
  });
});

describe('a reference of another kind', () => {
  it.each(['gif', 'tiff', 'avif'] as const)('is sent as PNG: %s', async (format) => {
    const { mimeType, sent } = await prepare(await (await flat()).toFormat(format).toBuffer());
    expect(mimeType).toBe('image/png');
    expect(isNear(await pixelAt(sent, 8, 8), [255, 0, 0])).toBe(true);
    expect(isNear(await pixelAt(sent, 56, 8), [0, 0, 255])).toBe(true);
  });

  it.each([24, 32, 8] as const)('is sent as PNG: BMP of %i bits, with either row order', async (bits) => {
    for (const isTopDown of [false, true]) {
      const { mimeType, sent } = await prepare(makeBmp(bits, isTopDown));
      expect(mimeType).toBe('image/png');
      expect(await sharp(sent).metadata()).toMatchObject({ width: 3, height: 2 });
      expect(await pixelAt(sent, 2, 0)).toEqual([255, 0, 0]);
      expect(await pixelAt(sent, 2, 1)).toEqual([0, 0, 255]);
    }
  });

  it.each(['webp', 'gif'] as const)('is sent as its first frame when it is animated: %s', async (format) => {
    const frames = await Promise.all(['#f00', '#0f0', '#00f'].map(makeFrame));
    const animated = await sharp(frames, { join: { animated: true } })
      .toFormat(format)
      .toBuffer();
    expect((await sharp(animated).metadata()).pages).toBe(3);
    const { mimeType, sent } = await prepare(animated);
    expect(mimeType).toBe('image/png');
    expect((await sharp(sent).metadata()).pages ?? 1).toBe(1);
    expect(isNear(await pixelAt(sent, 4, 4), [255, 0, 0])).toBe(true);
  });
});

describe('a reference that decoders show differently', () => {
  it('is sent upright', async () => {
    const { mimeType, sent } = await prepare(await (await flat()).withMetadata({ orientation: 6 }).jpeg().toBuffer());
    expect(mimeType).toBe('image/jpeg');
    const { width, height, orientation } = await sharp(sent).metadata();
    expect([width, height, orientation ?? 1]).toEqual([32, 64, 1]);
    expect(isNear(await pixelAt(sent, 16, 8), [255, 0, 0])).toBe(true);
  });

  it.each([
    [
      'in CMYK',
      async () => (await flat()).toColourspace('cmyk').jpeg({ chromaSubsampling: '4:4:4' }).toBuffer(),
      'jpeg',
    ],
    ['of 16 bits', async () => (await flat()).toColourspace('rgb16').png().toBuffer(), 'png'],
    ['in the colours of P3', async () => (await flat()).withIccProfile('p3').png().toBuffer(), 'png'],
  ] as const)('is sent in sRGB of 8 bits: %s', async (_, make, format) => {
    const { sent } = await prepare(await make());
    const { depth, space, icc, format: found } = await sharp(sent).metadata();
    expect([found, depth, space, icc]).toEqual([format, 'uchar', 'srgb', undefined]);
    const [red = 0, green = 0] = await pixelAt(sent, 8, 8);
    expect(red - green).toBeGreaterThan(150);
  });
});

describe('a reference that is refused before anything is sent', () => {
  it.each(['png', 'jpeg', 'webp', 'gif', 'tiff', 'avif'] as const)('is one that is cut off: %s', async (format) => {
    const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
    const picture = sharp({ create: { width: 96, height: 96, channels: 3, noise, background: 'red' } });
    const bytes = await picture.toFormat(format).toBuffer();
    await expect(prepare(bytes.subarray(0, bytes.length * 0.7))).rejects.toThrow(ReferenceFailure);
  });

  it('is one that takes too much memory to decode', async () => {
    const bytes = makePngHead({ width: 9_990, height: 9_990, bits: 16, isInterlaced: true });
    await expect(prepare(bytes)).rejects.toThrow(/it has 9,990 × 9,990 pixels in a form that takes \d+ MB/);
  });

  it('is a BMP that is cut off, or declares a huge size', async () => {
    await expect(prepare(makeBmp(24, false).subarray(0, -1))).rejects.toThrow(ReferenceFailure);
    const vast = makeBmp(24, false);
    vast.writeInt32LE(100_000, 18);
    vast.writeInt32LE(100_000, 22);
    await expect(prepare(vast)).rejects.toThrow('it has 100,000 × 100,000 pixels: at most 100,000,000 can be decoded');
  });
});

async function makeFrame(background: string): Promise<Buffer> {
  return sharp({ create: { width: 16, height: 16, channels: 3, background } })
    .png()
    .toBuffer();
}

/** Three by two pixels: the upper row red, the lower blue. */
function makeBmp(bits: 8 | 24 | 32, isTopDown: boolean): Buffer {
  const palette = bits === 8 ? Buffer.from([0, 0, 255, 0, 255, 0, 0, 0]) : Buffer.alloc(0);
  const head = Buffer.alloc(54);
  head.write('BM', 0, 'latin1');
  head.writeUInt32LE(54 + palette.length, 10);
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(3, 18);
  head.writeInt32LE(isTopDown ? -2 : 2, 22);
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(bits, 28);
  head.writeUInt32LE(palette.length / 4, 46);
  const red = { 8: [0], 24: [0, 0, 255], 32: [0, 0, 255, 0] }[bits];
  const blue = { 8: [1], 24: [255, 0, 0], 32: [255, 0, 0, 0] }[bits];
  const [upper, lower] = [red, blue].map((pixel) => {
    const row = Buffer.alloc(Math.ceil((3 * bits) / 32) * 4);
    row.set([...pixel, ...pixel, ...pixel]);
    return row;
  });
  if (!upper || !lower) throw new Error('There are two rows.');
  return Buffer.concat([head, palette, ...(isTopDown ? [upper, lower] : [lower, upper])]);
}
