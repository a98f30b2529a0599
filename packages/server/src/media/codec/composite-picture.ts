import { setImmediate } from 'node:timers/promises';
import type { SpoolFile } from '@darkroom/json-stream';
import type { Pixels } from '@darkroom/protocol';
import type { MaskedPicture } from '../../core/masked-picture.ts';
import { UnreadablePictureError } from '../media-errors.ts';
import { loadSharp } from './load-sharp.ts';
import {
  type Encoding,
  encode,
  type HeadedPicture,
  openPicture,
  rewritePicture,
  toEncodeBytes,
  write,
} from './picture-codec.ts';
import { readPictureHead } from './picture-head.ts';

/**
 * Puts the original back into what the model made of it, and writes the result to `path`. The model's picture is scaled to cover
 * the original. Where the mask is opaque, every pixel is the original's; where it is transparent, the model's; in between, a blend.
 *
 * Kept are the original's size as it is seen, its transparency, and its colours in sRGB with 8 bits: those of a picture in sRGB
 * exactly, others as converted. Its metadata is left out. Throws as `transcodePicture` does, and `UnreadablePictureError` when the
 * original or the mask cannot be decoded.
 */
export async function compositePicture(
  picture: HeadedPicture,
  { original, mask }: MaskedPicture,
  { path, ...encoding }: Encoding & { readonly path: string },
): Promise<{ readonly shown: SpoolFile; readonly pixels: Pixels }> {
  const below = { file: original, head: await readPictureHead(original) };
  const above = { file: mask, head: await readPictureHead(mask) };
  const { pixels } = below.head;
  const heldBytes = bytesPerPixel * pixels.width * pixels.height;
  const extraBytes = heldBytes + below.head.cost.whole + above.head.cost.whole + toEncodeBytes(encoding, pixels);
  const shown = await rewritePicture(
    picture,
    async (opened) => {
      const canvas = await readCanvas(below);
      const opacity = await readOpacity(above);
      const paint = await opened
        .autoOrient()
        .resize({ ...pixels, fit: 'cover' })
        .removeAlpha()
        .toColourspace('srgb')
        .raw()
        .toBuffer();
      await paintCanvas(canvas, paint, opacity);
      const sharp = await loadSharp();
      const { data, ...raw } = canvas;
      return write(encode(sharp(data, { raw }), encoding), path);
    },
    extraBytes,
  );
  return { shown, pixels };
}

/** Canvas, paint and opacity. */
const bytesPerPixel = 4 + 3 + 1;

interface Canvas extends Pixels {
  readonly data: Buffer;
  readonly channels: 3 | 4;
}

async function readCanvas({ file, head }: HeadedPicture): Promise<Canvas> {
  return await reading(async () => {
    const opened = await openPicture(file, head);
    const { data, info } = await opened.autoOrient().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height, channels: info.channels === 4 ? 4 : 3 };
  });
}

async function readOpacity({ file, head }: HeadedPicture): Promise<Buffer> {
  return await reading(async () =>
    (await openPicture(file, head)).autoOrient().extractChannel('alpha').raw().toBuffer(),
  );
}

async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throw new UnreadablePictureError('The original of the masked picture, or its mask, cannot be decoded.', { cause });
  }
}

/** In pieces of about a millisecond, so that the process does other work in between. */
async function paintCanvas(canvas: Canvas, paint: Buffer, opacity: Buffer): Promise<void> {
  for (let start = 0; start < opacity.length; start += pieceSize) {
    paintPiece(canvas, { paint, opacity, start, end: Math.min(start + pieceSize, opacity.length) });
    await setImmediate();
  }
}

/** In pixels. */
const pieceSize = 2 ** 16;

interface Piece {
  readonly paint: Buffer;
  readonly opacity: Buffer;
  readonly start: number;
  readonly end: number;
}

/** What is transparent on the canvas has no colour, so each side counts as far as it can be seen. */
function paintPiece({ data, channels }: Canvas, { paint, opacity, start, end }: Piece): void {
  for (let pixel = start; pixel < end; pixel += 1) {
    const kept = opacity[pixel] ?? 255;
    if (kept === 255) continue;
    const to = pixel * channels;
    const from = pixel * 3;
    const keptWeight = kept * (channels === 4 ? (data[to + 3] ?? 255) : 255);
    const paintWeight = (255 - kept) * 255;
    const weight = keptWeight + paintWeight;
    for (let channel = 0; channel < 3; channel += 1) {
      const sum = (data[to + channel] ?? 0) * keptWeight + (paint[from + channel] ?? 0) * paintWeight;
      data[to + channel] = Math.round(sum / weight);
    }
    if (channels === 4) data[to + 3] = Math.round(weight / 255);
  }
}
