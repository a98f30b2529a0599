import sharp from 'sharp';
import { expect, it } from 'vitest';
import { composeScene } from './compose-scene.ts';
import { toBadgeBox } from './drawing/badge.ts';
import { illustrate } from './illustrate.ts';
import { enlarge, shapes } from './test-shapes.ts';

it.each(['square', 'tall', 'panorama'] as const)('draws a %s picture as a JPEG at its exact pixels', async (shape) => {
  const pixels = shapes[shape];
  expect(await sharp(await illustrate({ prompt: 'a fox', pixels })).metadata()).toMatchObject({
    format: 'jpeg',
    ...pixels,
  });
});

it('draws sixteen megapixels exactly', async () => {
  const pixels = enlarge(shapes.square, 4);
  expect(await sharp(await illustrate({ prompt: '', pixels })).metadata()).toMatchObject(pixels);
});

it.each(['jpeg', 'png', 'webp'] as const)('writes %s when requested', async (format) => {
  const picture = await illustrate({ prompt: 'a boat', pixels: { width: 320, height: 200 }, format });
  expect(await sharp(picture).metadata()).toMatchObject({ format, width: 320, height: 200 });
});

it('gives the same bytes for the same prompt, and different bytes for another one', async () => {
  const pixels = { width: 400, height: 300 };
  const [first, again, other] = await Promise.all(
    ['a red boat', 'a red boat', 'a blue boat'].map((prompt) => illustrate({ prompt, pixels })),
  );
  expect(first?.equals(again ?? Buffer.alloc(0))).toBe(true);
  expect(first?.equals(other ?? Buffer.alloc(0))).toBe(false);
});

it.each([
  [{ prompt: 'a fox' }, { scene: 2, shade: 0 }, 0.02],
  [{ prompt: 'a portrait of a woman' }, { scene: 3, shade: 0 }, 0.02],
  [{ prompt: 'a fox', edits: ['make it blue'] }, { scene: 1, shade: 1 }, 0.02],
  [{ prompt: 'a minimalist cup', edits: ['add a hat'] }, { scene: 1, shade: 2 }, 0.005],
])('draws another take of %o that is visibly different: %o', async (order, take, part) => {
  const pixels = { width: 256, height: 256 };
  const [first, other] = await Promise.all(
    [{ scene: 1, shade: 0 }, take].map(async (one) =>
      sharp(await illustrate({ ...order, take: one, pixels }))
        .greyscale()
        .raw()
        .toBuffer(),
    ),
  );
  const changed = first?.filter((grey, at) => Math.abs(grey - (other?.[at] ?? 0)) > 16).length ?? 0;
  expect(changed / (pixels.width * pixels.height)).toBeGreaterThan(part);
});

it.each([
  [16, 16],
  [256, 192],
  [17, 900],
])('draws %i by %i', async (width, height) => {
  const picture = await illustrate({ prompt: 'a cat', edits: ['in pixel art'], pixels: { width, height } });
  expect(await sharp(picture).metadata()).toMatchObject({ width, height });
});

it('applies edits', async () => {
  const pixels = { width: 200, height: 200 };
  const [plain, unknown, edited] = await Promise.all(
    [[], ['hm'], ['make it blue']].map((edits) => illustrate({ prompt: 'a cup', edits, pixels })),
  );
  expect(unknown?.equals(plain ?? Buffer.alloc(0))).toBe(true);
  expect(edited?.equals(plain ?? Buffer.alloc(0))).toBe(false);
});

it('draws down to a single pixel', async () => {
  const picture = await illustrate({
    prompt: 'pixel art neon watercolor sketch of a cat',
    pixels: { width: 1, height: 1 },
  });
  expect(await sharp(picture).metadata()).toMatchObject({ width: 1, height: 1 });
});

it.each([
  'a polar bear in the snow',
  'pixel art of a dragon',
  'pencil sketch, black and white',
  'neon cat',
  'watercolor of a boat, pastel, vintage, photorealistic',
])('keeps the badge legible on "%s"', async (prompt) => {
  const pixels = { width: 512, height: 512 };
  const { x, y, width, height } = toBadgeBox(composeScene(prompt, pixels).canvas);
  const [left, top, wide, tall] = [x, y, width, height].map((length) => Math.round(length / 2));
  const region = { left: (left ?? 0) + 6, top: (top ?? 0) + 2, width: (wide ?? 0) - 12, height: (tall ?? 0) - 4 };
  const picture = await illustrate({ prompt, pixels, format: 'png' });
  const { channels } = await sharp(await sharp(picture).extract(region).greyscale().toBuffer()).stats();
  // White strokes on a dark pill: high contrast, and the strokes are the smaller part.
  expect(channels[0]?.stdev).toBeGreaterThan(35);
  expect(channels[0]?.max).toBeGreaterThan(240);
  expect(channels[0]?.min).toBeLessThan(110);
  expect(channels[0]?.mean).toBeLessThan(150);
});

it('draws dark lines on pale paper for a pencil sketch', async () => {
  const picture = await illustrate({
    prompt: 'pencil sketch of a cat',
    pixels: { width: 512, height: 512 },
    format: 'png',
  });
  const middle = await sharp(picture).extract({ left: 128, top: 128, width: 256, height: 256 }).toBuffer();
  const { channels } = await sharp(middle).stats();
  for (const { min, mean } of channels) {
    expect(min).toBeLessThan(80);
    expect(mean).toBeGreaterThan(170);
  }
});
