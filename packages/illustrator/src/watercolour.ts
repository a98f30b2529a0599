import { setImmediate } from 'node:timers/promises';
import sharp from 'sharp';
import { createDice } from './dice.ts';
import type { Pixels } from './picture-order.ts';

/**
 * Makes the picture (three channels) look as if painted wet on paper: edges run, pigment gathers in clouds, and the paper
 * shows at a ragged margin. Written by hand, because librsvg's feDisplacementMap takes more than a second at 1K.
 */
export async function paintWet(picture: Buffer, { width, height }: Pixels): Promise<Buffer> {
  const noise = await createNoise({ width, height });
  const painted = Buffer.alloc(picture.length);
  const scale = Math.sqrt(width * height) / 1024;
  const sheet: Sheet = { picture, noise, painted, width, height, reach: 13 * scale, margin: 30 * scale };
  for (let row = 0; row < height; row++) {
    paintRow(sheet, row);
    // A 4K picture takes half a second. Other work in the process must not wait that long.
    if (row % rowsAtATime === 0) await setImmediate();
  }
  return painted;
}

const rowsAtATime = 128;
const paper = [251, 248, 241] as const;

interface Sheet {
  readonly picture: Buffer;
  /** Red and green shift a pixel sideways and up or down. Blue is the amount of pigment on it. */
  readonly noise: Buffer;
  readonly painted: Buffer;
  readonly width: number;
  readonly height: number;
  /** The largest shift of a pixel, and the width of the margin. */
  readonly reach: number;
  readonly margin: number;
}

function paintRow({ picture, noise, painted, width, height, reach, margin }: Sheet, row: number): void {
  const neighbour = 3 * (width + 1) * Math.max(1, Math.round(reach / 5));
  for (let column = 0; column < width; column++) {
    const at = (row * width + column) * 3;
    const x = column + Math.round(((noise[at] ?? 0) / 255 - 0.5) * reach);
    const y = row + Math.round(((noise[at + 1] ?? 0) / 255 - 0.5) * reach);
    const isBare = x < margin || y < margin || x >= width - margin || y >= height - margin;
    const from = (y * width + x) * 3;
    const thinness = 0.9 + (noise[at + 2] ?? 0) / 1275;
    for (let channel = 0; channel < 3; channel++) {
      const here = picture[from + channel] ?? 0;
      // Drying pigment gathers along the edges of a dark patch, so pixels darker than their neighbours darken more.
      const edge = Math.max(0, (picture[from + channel + neighbour] ?? here) - here);
      const wet = Math.max(0, Math.min(255, here * thinness + 8 - edge * 0.4));
      painted[at + channel] = isBare ? (paper[channel] ?? 0) : wet;
    }
  }
}

/** Noise as soft as clouds: a coarse random grid, stretched over the picture. */
async function createNoise({ width, height }: Pixels): Promise<Buffer> {
  const dice = createDice('watercolour');
  const edge = 30;
  const grid = Buffer.from(Array.from({ length: edge * edge * 3 }, () => Math.floor(dice.roll() * 256)));
  return sharp(grid, { raw: { width: edge, height: edge, channels: 3 } })
    .resize({ width, height, fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer();
}
