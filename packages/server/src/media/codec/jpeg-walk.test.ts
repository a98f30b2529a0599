import sharp, { type Sharp } from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { withJpegCredentials } from '../../../test/fakes/credentials.ts';
import { JpegWalk } from './jpeg-walk.ts';

const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
const draw = () => sharp({ create: { width: 40, height: 24, channels: 3, noise, background: 'red' } });

const kinds: Readonly<Record<string, () => Sharp>> = {
  usual: () => draw().jpeg(),
  'full colours': () => draw().jpeg({ chromaSubsampling: '4:4:4', quality: 20 }),
  'own codes': () => draw().jpeg({ optimizeCoding: true }),
  grey: () => draw().greyscale().jpeg(),
  'four inks': () => draw().toColourspace('cmyk').jpeg(),
  'a profile': () => draw().withIccProfile('p3').jpeg(),
  Exif: () =>
    draw()
      .withExif({ IFD0: { Artist: 'x' } })
      .jpeg(),
};
const pictures = new Map<string, Buffer>();

beforeAll(async () => {
  for (const [kind, make] of Object.entries(kinds)) pictures.set(kind, await make().toBuffer());
});

const get = (kind: string) => pictures.get(kind) ?? Buffer.alloc(0);

function walk(bytes: Buffer, pieceBytes = bytes.length): JpegWalk {
  const walked = new JpegWalk();
  for (let at = 0; at < bytes.length; at += pieceBytes) walked.take(bytes.subarray(at, at + pieceBytes));
  return walked;
}

function decodes(bytes: Buffer): Promise<boolean> {
  const opened = sharp(bytes, { sequentialRead: true, failOn: 'error' });
  return opened
    .raw()
    .toBuffer()
    .then(
      () => true,
      () => false,
    );
}

describe('a JPEG', () => {
  it.each(Object.keys(kinds))('is whole, in whatever pieces it comes, and not when it is cut anywhere: %s', (kind) => {
    const bytes = get(kind);
    expect([1, 7, bytes.length].map((size) => walk(bytes, size).isWhole)).toEqual([true, true, true]);
    const cuts = Array.from({ length: bytes.length }, (_, end) => end);
    expect(cuts.filter((end) => walk(bytes.subarray(0, end)).isWhole)).toEqual([]);
  });

  it.each(Object.keys(kinds))('has the frame that the decoder reads, or leaves it to the decoder: %s', async (kind) => {
    const { width, height, channels } = await sharp(get(kind)).metadata();
    const isPlain = !['a profile', 'Exif', 'four inks'].includes(kind);
    const head = get(kind).subarray(0, get(kind).indexOf(Buffer.from('ffda', 'hex')) + 20);
    if (kind !== 'four inks') {
      expect(walk(head).plainFrame).toEqual(isPlain ? { width, height, components: channels } : undefined);
    }
    expect(walk(head.subarray(0, -20)).plainFrame).toBeUndefined();
  });

  it('may have more after its end', () => {
    expect(walk(Buffer.concat([get('usual'), Buffer.from('more')])).isWhole).toBe(true);
  });

  it('is left to the decoder when it is progressive', async () => {
    expect(walk(await draw().jpeg({ progressive: true }).toBuffer()).isWhole).toBe(false);
  });

  it('is never whole when the decoder refuses it, whichever byte of its head is wrong', async () => {
    for (const kind of ['usual', 'four inks']) {
      const bytes = get(kind);
      const head = bytes.indexOf(Buffer.from('ffda', 'hex')) + 14;
      for (let at = 0; at < head; at += 11) {
        const wrong = Buffer.from(bytes);
        wrong[at] = (at * 37 + (bytes[at] ?? 0) + 1) % 256;
        if (walk(wrong).isWhole) expect([kind, at, await decodes(wrong)]).toEqual([kind, at, true]);
      }
    }
  });

  it('is not searched forever when it is made of nothing but marks and segments', () => {
    expect(walk(Buffer.alloc(1_000_000, 0xff)).isWhole).toBe(false);
    const segments = Buffer.alloc(4_000_000, Buffer.from('ffe00002', 'hex'));
    expect(walk(Buffer.concat([Buffer.from('ffd8', 'hex'), segments, get('usual').subarray(2)])).isWhole).toBe(false);
  });

  it('says whether it has content credentials', () => {
    expect(walk(withJpegCredentials(get('Exif'))).hasManifest).toBe(true);
    expect(walk(get('Exif')).hasManifest).toBe(false);
  });
});
