import { mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readPictureHead } from '../codec/picture-head.ts';
import { findOpenBox } from './open-box.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-box-'));
});
afterAll(() => rm(folder, { recursive: true }));

it.each([
  ['a hole in a large mask', { left: 300, top: 60, width: 100, height: 30 }, [234, 293, 352, 391]],
  ['a single pixel', { left: 512, top: 128, width: 1, height: 1 }, [500, 500, 500, 500]],
])('finds %s, to within a few hundredths', async (_, { left, top, width, height }, box) => {
  const file = path.join(folder, 'mask.png');
  const hole = await sharp({ create: { width, height, channels: 4, background: 'black' } })
    .png()
    .toBuffer();
  await sharp({ create: { width: 1024, height: 256, channels: 4, background: 'black' } })
    .composite([{ input: hole, left, top, blend: 'dest-out' }])
    .png()
    .toFile(file);
  const spooled = { path: file, bytes: (await stat(file)).size };
  const found = await findOpenBox({ file: spooled, head: await readPictureHead(spooled) });
  const sides = [found.top, found.left, found.bottom, found.right];
  for (const [index, side] of sides.entries()) expect(Math.abs(side - (box[index] ?? 0))).toBeLessThan(40);
  expect(found.top).toBeLessThan(found.bottom);
  expect(found.left).toBeLessThan(found.right);
});
