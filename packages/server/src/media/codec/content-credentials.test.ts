import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { withPngCredentials } from '../../../test/fakes/credentials.ts';
import { hasContentCredentials } from './content-credentials.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'credentials-'));
});

afterAll(() => rm(folder, { recursive: true }));

const square = () =>
  sharp({ create: { width: 16, height: 16, channels: 3, background: '#4a6' } }).withExif({ IFD0: { Artist: 'x' } });

async function look(bytes: Buffer, type: 'image/png' | 'image/webp' | 'image/gif'): Promise<boolean> {
  const file = path.join(folder, 'picture');
  await writeFile(file, bytes);
  return await hasContentCredentials(file, type);
}

it('finds credentials among the other parts of a PNG and a WebP', async () => {
  expect(await look(withPngCredentials(await square().png().toBuffer()), 'image/png')).toBe(true);
  const webp = await square().webp().toBuffer();
  expect(await look(Buffer.concat([webp, Buffer.from('C2PA\x04\0\0\0jumb')]), 'image/webp')).toBe(true);
});

it('finds none where there are none', async () => {
  expect(await look(await square().png().toBuffer(), 'image/png')).toBe(false);
  expect(await look(await square().webp().toBuffer(), 'image/webp')).toBe(false);
  expect(await look(await square().gif().toBuffer(), 'image/gif')).toBe(false);
});

it('reads a bounded number of parts, whatever the bytes say', async () => {
  expect(await look(Buffer.alloc(1_000_000), 'image/png')).toBe(false);
  expect(await look(Buffer.alloc(1_000_000), 'image/webp')).toBe(false);
});
