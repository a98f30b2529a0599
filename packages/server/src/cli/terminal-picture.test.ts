import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Drawing, drawPicture } from './terminal-picture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-drawing-'));
  const blue = await sharp({ create: { width: 1200, height: 300, channels: 3, background: '#00f' } })
    .png()
    .toBuffer();
  await sharp({ create: { width: 1200, height: 600, channels: 3, background: '#f00' } })
    .composite([{ input: blue, top: 300, left: 0 }])
    .png()
    .toFile(path.join(folder, 'flag.png'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Makes the control characters readable. */
async function draw(name: string, drawing: Drawing, room: { readonly columns: number; readonly rows: number }) {
  const drawn = await drawPicture(path.join(folder, name), drawing, room);
  return drawn.replaceAll('\u001b', '␛').replaceAll('\u0007', '␇');
}

it('sends kitty a PNG of at most 80 columns, in pieces of the size that it accepts', async () => {
  const drawn = await draw('flag.png', 'kitty', { columns: 200, rows: 60 });
  const pieces = [...drawn.matchAll(/␛_G([^;]*);([^␛]*)␛\\/g)].map(([, control = '', text = '']) => ({
    control,
    text,
  }));
  expect(pieces.every(({ text }) => text.length <= 4_096)).toBe(true);
  expect(pieces[0]?.control).toMatch(/^f=100,a=T,/);
  expect(pieces.at(-1)?.control).toContain('m=0');
  const png = Buffer.from(pieces.map(({ text }) => text).join(''), 'base64');
  expect(await sharp(png).metadata()).toMatchObject({ format: 'png', width: 640, height: 320 });
});

it('sends iTerm2 a PNG with its size', async () => {
  const drawn = await draw('flag.png', 'iterm2', { columns: 40, rows: 60 });
  const [, size, base64 = ''] = /^␛\]1337;File=inline=1;size=(\d+):([^␇]+)␇\n$/.exec(drawn) ?? [];
  const png = Buffer.from(base64, 'base64');
  expect(png).toHaveLength(Number(size));
  expect(await sharp(png).metadata()).toMatchObject({ width: 320, height: 160 });
});

it('draws two pixels per character, in the colours of the picture', async () => {
  const lines = (await draw('flag.png', 'blocks', { columns: 40, rows: 24 })).trimEnd().split('\n');
  expect(lines).toHaveLength(10);
  expect(lines[0]).toBe(`${'␛[38;2;255;0;0;48;2;255;0;0m▀'.repeat(40)}␛[0m`);
  expect(lines[9]).toBe(`${'␛[38;2;0;0;255;48;2;0;0;255m▀'.repeat(40)}␛[0m`);
});

it('never draws more than the terminal has room for', async () => {
  await sharp({ create: { width: 20, height: 400, channels: 3, background: '#fff' } })
    .png()
    .toFile(path.join(folder, 'tall.png'));
  const lines = (await draw('tall.png', 'blocks', { columns: 80, rows: 12 })).trimEnd().split('\n');
  expect(lines).toHaveLength(10);
});
