import { setImmediate } from 'node:timers/promises';
import sharp from 'sharp';
import type { Pixels } from './picture-order.ts';

/**
 * Makes the bright parts of the picture (three channels) glow beyond their edges. `darkest` is the lowest brightness that
 * glows, from 0 to 255. The blending is written by hand, because sharp's takes three times as long.
 */
export async function bloom(picture: Buffer, { width, height }: Pixels, darkest: number): Promise<Buffer> {
  const small = { width: Math.max(1, Math.round(width / 8)), height: Math.max(1, Math.round(height / 8)) };
  const shine = await sharp(picture, { raw: { width, height, channels: 3 } })
    .resize({ ...small, fit: 'fill' })
    .linear(1.25, -darkest)
    .blur(5)
    .raw()
    .toBuffer();
  const glow = await sharp(shine, { raw: { ...small, channels: 3 } })
    .resize({ width, height, fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer();
  for (let start = 0; start < picture.length; start += bytesAtATime) {
    screen(picture, glow, start, Math.min(start + bytesAtATime, picture.length));
    // A 4K picture has fifty million of them, and other work in the process must not wait for all of them.
    await setImmediate();
  }
  return picture;
}

const bytesAtATime = 1 << 20;

function screen(picture: Buffer, glow: Buffer, start: number, end: number): void {
  for (let at = start; at < end; at++) {
    picture[at] = 255 - ((255 - (picture[at] ?? 0)) * (255 - (glow[at] ?? 0))) / 255;
  }
}
