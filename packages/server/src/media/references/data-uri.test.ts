import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { maxReferenceBytes } from '@darkroom/protocol';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { spoolDataUri } from './data-uri.ts';

const pngStart = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'darkroom-spool-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('spoolDataUri', () => {
  it('writes the bytes, whatever their number and spelling', async () => {
    const spelling = fc.constantFrom(
      (base64: string) => base64,
      (base64: string) => base64.replaceAll('=', ''),
      (base64: string) => base64.replaceAll('+', '-').replaceAll('/', '_'),
      (base64: string) => base64.replace(/.{1,76}/g, '$&\r\n'),
      (base64: string) => encodeURIComponent(base64),
      (base64: string) => base64.replace(/[^%]/g, (letter) => `%${Buffer.from(letter).toString('hex')}`),
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 200_000 }), fc.nat(255), spelling, async (length, seed, spell) => {
        const noise = Buffer.from(Array.from({ length }, (_, index) => (index * 31 + seed + (index >> 7)) % 256));
        const bytes = Buffer.concat([pngStart, noise]);
        const fetched = await spoolDataUri(toUri(spell(bytes.toString('base64'))), { folder });
        if (fetched.kind === 'failed') throw new Error(fetched.reason);
        expect(fetched).toMatchObject({ mimeType: 'image/png', file: { bytes: bytes.length } });
        expect((await readFile(fetched.file.path)).equals(bytes)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('is judged by the bytes, not by the declared type', async () => {
    const uri = `data:image/jpeg;name=a.jpg;base64,${pngStart.toString('base64')}`;
    expect(await spoolDataUri(uri, { folder })).toMatchObject({ kind: 'fetched', mimeType: 'image/png' });
  });

  it('accepts a picture of the largest size', async () => {
    const bytes = Buffer.concat([pngStart, Buffer.alloc(maxReferenceBytes - pngStart.length)]);
    const fetched = await spoolDataUri(toUri(bytes.toString('base64')), { folder });
    expect(fetched).toMatchObject({ kind: 'fetched', file: { bytes: maxReferenceBytes } });
  });

  it.each([
    ['one byte too many', toUri(Buffer.concat([pngStart, Buffer.alloc(maxReferenceBytes)]).toString('base64'))],
  ])('says that it is too large: %s', async (_, uri) => {
    expect(await spoolDataUri(uri, { folder })).toEqual({ kind: 'failed', reason: 'it is larger than 7 MB' });
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['iVBOR*w0KGgo', 'its base64 is invalid'],
    ['iVBORw0=KGgo', 'its base64 is invalid'],
    ['iVBORw0KGgo==', 'its base64 is invalid'],
    ['iVBORw0KGgoAA', 'its base64 is invalid'],
    ['iVBORw0KG\u0147o', 'its base64 is invalid'],
    ['iVBORw0KGgo%', 'its base64 is invalid'],
    ['iVBORw0KGgo%zz', 'its base64 is invalid'],
    ['', 'it is empty'],
    [
      Buffer.from('<svg/>').toString('base64'),
      'it is an SVG drawing, not a PNG, JPEG, WebP, HEIC, HEIF, GIF, BMP, TIFF or AVIF picture: convert it to PNG or JPEG',
    ],
  ])('says why %j is no picture', async (data, reason) => {
    expect(await spoolDataUri(toUri(data), { folder })).toEqual({ kind: 'failed', reason });
    expect(await readdir(folder)).toEqual([]);
  });

  it.each(['data:image/png,iVBORw0KGgo=', 'data:,', 'https://pictures.test/a.png', ''])(
    'says how it must be spelled: %j',
    async (uri) => {
      const reason = 'it does not have the form data:image/TYPE;base64,DATA';
      expect(await spoolDataUri(uri, { folder })).toEqual({ kind: 'failed', reason });
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it('rejects with the error of the disk', async () => {
    const missing = { folder: join(folder, 'missing') };
    await expect(spoolDataUri(toUri(pngStart.toString('base64')), missing)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

function toUri(base64: string): string {
  return `data:image/png;base64,${base64}`;
}
