import sharp, { type Sharp } from 'sharp';
import { bloom } from './bloom.ts';
import type { Scene, Style } from './scene.ts';
import { paintWet } from './watercolour.ts';

/** A look given to the whole picture after it is drawn. Styles not named here change the drawing alone. */
type Filter = (picture: Sharp, scene: Scene) => Sharp | Promise<Sharp>;

type Row = [number, number, number];
type Matrix = [Row, Row, Row];

const filters: Partial<Record<Style, Filter>> = {
  monochrome: (picture) => picture.recomb(saturation(0)).linear(1.32, -44),
  neon: shine,
  painted: paint,
  pastel: (picture) => picture.recomb(saturation(0.85)).linear(0.66, 88),
  pixelated: pixelate,
  realistic: shine,
  sketched: sketch,
  vintage: (picture) => picture.recomb(sepia).linear(0.86, 26),
};

const sepia: Matrix = [
  [0.52, 0.5, 0.18],
  [0.4, 0.46, 0.14],
  [0.3, 0.34, 0.2],
];

/** A matrix that keeps every colour's brightness and so much of its strength. */
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
  for (const filter of applied) {
    picture = await filter(picture === drawn ? drawn : await settle(picture, scene), scene);
  }
  return picture;
}

/** sharp runs its operations in an order of its own, so one filter's pixels are fixed before the next begins. */
async function settle(picture: Sharp, { pixels }: Scene): Promise<Sharp> {
  return fromRaw(await picture.removeAlpha().toColourspace('srgb').raw().toBuffer(), pixels.width, pixels.height);
}

function fromRaw(data: Buffer, width: number, height: number): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}

async function shine(picture: Sharp, { pixels, time }: Scene): Promise<Sharp> {
  const base = await picture.raw().toBuffer();
  return fromRaw(await bloom(base, pixels, time === 'neon' ? 90 : 165), pixels.width, pixels.height);
}

async function pixelate(picture: Sharp, { pixels }: Scene): Promise<Sharp> {
  const cell = Math.max(1, Math.round(Math.sqrt(pixels.width * pixels.height) / 128));
  const [width, height] = [Math.ceil(pixels.width / cell), Math.ceil(pixels.height / cell)];
  const few = await picture
    .resize({ width, height, fit: 'fill', kernel: 'mitchell' })
    .png({ palette: true, colours: 40, dither: 0.4 })
    .toBuffer();
  const large = await sharp(few)
    .removeAlpha()
    .resize({ width: width * cell, height: height * cell, kernel: 'nearest' })
    .raw()
    .toBuffer();
  return fromRaw(large, width * cell, height * cell).extract({
    left: 0,
    top: 0,
    width: pixels.width,
    height: pixels.height,
  });
}

/** Pencil: dividing the picture by its own blur leaves the lines; a little of its tone stays as hatching. */
async function sketch(picture: Sharp, { pixels }: Scene): Promise<Sharp> {
  const { width, height } = pixels;
  const grey = await picture.recomb(saturation(0)).raw().toBuffer();
  const inverse = await fromRaw(grey, width, height)
    .negate()
    .blur(Math.max(0.5, Math.sqrt(width * height) / 260))
    .raw()
    .toBuffer();
  const raw = { width, height, channels: 3 as const };
  const lines = await fromRaw(grey, width, height)
    .composite([{ input: inverse, raw, blend: 'colour-dodge' }])
    .removeAlpha()
    .raw()
    .toBuffer();
  const inked = await fromRaw(lines, width, height).linear(5, -1030).raw().toBuffer();
  const hatched = await fromRaw(grey, width, height).linear(0.45, 148).raw().toBuffer();
  return fromRaw(hatched, width, height)
    .composite([{ input: inked, raw, blend: 'multiply' }])
    .removeAlpha()
    .recomb(paper);
}

const paper: Matrix = [
  [1, 0, 0],
  [0, 0.985, 0],
  [0, 0, 0.95],
];

async function paint(picture: Sharp, { pixels }: Scene): Promise<Sharp> {
  return fromRaw(await paintWet(await picture.raw().toBuffer(), pixels), pixels.width, pixels.height);
}
