import sharp, { type Sharp } from 'sharp';
import { bloom } from './bloom.ts';
import type { Scene, Style } from './scene.ts';
import { paintWet } from './watercolour.ts';

/**
 * Gives the whole picture a look after it is drawn, as raw pixels with three channels. Sharp runs its operations in its own
 * order, so each style ends with finished pixels before the next begins.
 */
type Filter = (picture: Sharp, scene: Scene) => Promise<Buffer>;

type Row = [number, number, number];
type Matrix = [Row, Row, Row];

/** Styles that are not in this list change only the drawing. */
const filters: Partial<Record<Style, Filter>> = {
  monochrome: (picture) => toRaw(picture.recomb(saturation(0)).linear(1.32, -44)),
  neon: shine,
  painted: async (picture, { pixels }) => paintWet(await toRaw(picture), pixels),
  pastel: (picture) => toRaw(picture.recomb(saturation(0.85)).linear(0.66, 88)),
  pixelated: pixelate,
  realistic: shine,
  sketched: sketch,
  vintage: (picture) => toRaw(picture.recomb(sepia).linear(0.86, 26)),
};

const sepia: Matrix = [
  [0.52, 0.5, 0.18],
  [0.4, 0.46, 0.14],
  [0.3, 0.34, 0.2],
];
const paper: Matrix = [
  [1, 0, 0],
  [0, 0.985, 0],
  [0, 0, 0.95],
];

/** A matrix that keeps the brightness of every colour and this fraction of its saturation. */
function saturation(part: number): Matrix {
  const [red, green, blue] = [0.3 * (1 - part), 0.59 * (1 - part), 0.11 * (1 - part)];
  return [
    [red + part, green, blue],
    [red, green + part, blue],
    [red, green, blue + part],
  ];
}

/** Applies the scene's styles in turn. */
export async function applyStyles(drawn: Sharp, scene: Scene): Promise<Sharp> {
  let picture = drawn;
  const applied = new Set(scene.styles.flatMap((style) => filters[style] ?? []));
  for (const filter of applied) picture = fromRaw(await filter(picture, scene), scene.pixels);
  return picture;
}

function toRaw(picture: Sharp): Promise<Buffer> {
  return picture.removeAlpha().toColourspace('srgb').raw().toBuffer();
}

function fromRaw(data: Buffer, { width, height }: { readonly width: number; readonly height: number }): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}

async function shine(picture: Sharp, { pixels, time }: Scene): Promise<Buffer> {
  return bloom(await toRaw(picture), pixels, time === 'neon' ? 90 : 165);
}

async function pixelate(picture: Sharp, { pixels }: Scene): Promise<Buffer> {
  const cell = Math.max(1, Math.round(Math.sqrt(pixels.width * pixels.height) / 128));
  const cells = { width: Math.ceil(pixels.width / cell), height: Math.ceil(pixels.height / cell) };
  const few = await picture
    .resize({ ...cells, fit: 'fill', kernel: 'mitchell' })
    .png({ palette: true, colours: 40, dither: 0.4 })
    .toBuffer();
  const whole = { width: cells.width * cell, height: cells.height * cell };
  const large = await toRaw(sharp(few).resize({ ...whole, kernel: 'nearest' }));
  return toRaw(fromRaw(large, whole).extract({ left: 0, top: 0, width: pixels.width, height: pixels.height }));
}

/** Pencil: dividing the picture by its own blur leaves the lines. Some of its tone stays as hatching. */
async function sketch(picture: Sharp, { pixels }: Scene): Promise<Buffer> {
  const raw = { width: pixels.width, height: pixels.height, channels: 3 as const };
  const grey = await toRaw(picture.recomb(saturation(0)));
  const softness = Math.max(0.5, Math.sqrt(pixels.width * pixels.height) / 260);
  const inverse = await toRaw(fromRaw(grey, pixels).negate().blur(softness));
  const divided = fromRaw(grey, pixels).composite([{ input: inverse, raw, blend: 'colour-dodge' }]);
  const lines = await toRaw(fromRaw(await toRaw(divided), pixels).linear(5, -1030));
  const hatching = await toRaw(fromRaw(grey, pixels).linear(0.45, 148).recomb(paper));
  return toRaw(fromRaw(hatching, pixels).composite([{ input: lines, raw, blend: 'multiply' }]));
}
