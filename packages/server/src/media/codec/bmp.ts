import { setImmediate } from 'node:timers/promises';
import type { Metadata } from 'sharp';
import { UnreadablePictureError } from '../media-errors.ts';

/**
 * Reads Windows bitmaps, which sharp cannot read: 1, 4, 8, 16, 24 and 32 bits per pixel, with a palette or with masks,
 * with either row order. Run-length encoding, which is rare, is not supported. Source:
 * https://learn.microsoft.com/windows/win32/gdi/bitmap-header-types
 */

/** Every field that describes the head of a picture. */
type BmpMetadata = Pick<
  Metadata,
  'width' | 'height' | 'channels' | 'depth' | 'space' | 'isProgressive' | 'orientation' | 'pages' | 'icc'
>;

export interface RawPicture {
  readonly data: Buffer;
  readonly raw: { readonly width: number; readonly height: number; readonly channels: 3 | 4 };
}

/** Throws `UnreadablePictureError` when this kind of picture is not supported. */
export function readBmpHead(start: Buffer): Metadata & BmpMetadata {
  const { width, height, alpha } = parseHeader(start);
  return { width, height, channels: alpha ? 4 : 3, depth: 'uchar', space: 'srgb' } as Metadata; // callers read only the fields that `BmpMetadata` has
}

/** Decodes the whole file, and lets the process do other work meanwhile. Rejects with `UnreadablePictureError` when rows are missing. */
export async function decodeBmp(file: Buffer): Promise<RawPicture> {
  const header = parseHeader(file);
  const { width, height, bits, isTopDown, dataAt } = header;
  const stride = Math.ceil((width * bits) / 32) * 4;
  if (file.length < dataAt + stride * height) throw new UnreadablePictureError('The picture is cut off.');
  const channels = header.alpha ? 4 : 3;
  const data = Buffer.alloc(width * height * channels);
  const readPixel = createPixelReader(file, header);
  for (let y = 0; y < height; y += 1) {
    const row = dataAt + stride * (isTopDown ? y : height - 1 - y);
    for (let x = 0; x < width; x += 1) readPixel(row, x, data, (y * width + x) * channels);
    if ((y * width) % pieceSize < width) await setImmediate();
  }
  return { data, raw: { width, height, channels } };
}

/** In pixels: about a millisecond. */
const pieceSize = 2 ** 16;

interface Header {
  readonly width: number;
  readonly height: number;
  readonly isTopDown: boolean;
  readonly bits: number;
  readonly dataAt: number;
  readonly palette: { readonly at: number; readonly colors: number; readonly bytes: 3 | 4 };
  readonly masks: readonly [red: number, green: number, blue: number];
  readonly alpha: number;
}

function parseHeader(file: Buffer): Header {
  if (file.length < 26) throw new UnreadablePictureError('The picture is cut off in its header.');
  const headerBytes = file.readUInt32LE(14);
  const dataAt = file.readUInt32LE(10);
  // The oldest header, from OS/2, has 16-bit sizes and palettes of three bytes per colour.
  const isOld = headerBytes === 12;
  if (!isOld && file.length < 14 + 40) throw new UnreadablePictureError('The picture is cut off in its header.');
  const width = isOld ? file.readUInt16LE(18) : file.readInt32LE(18);
  const signedHeight = isOld ? file.readUInt16LE(20) : file.readInt32LE(22);
  const bits = file.readUInt16LE(isOld ? 24 : 28);
  const compression = isOld ? 0 : file.readUInt32LE(30);
  const hasMasks = compression === 3 || compression === 6;
  if (width <= 0 || signedHeight === 0 || ![1, 4, 8, 16, 24, 32].includes(bits) || !(compression === 0 || hasMasks))
    throw new UnreadablePictureError('The picture is a kind of bitmap that Darkroom cannot read: save it as a PNG.');
  const maskAt = 14 + 40;
  const mask = (index: number) => (file.length >= maskAt + 4 * index + 4 ? file.readUInt32LE(maskAt + 4 * index) : 0);
  const fiveBits = [0x7c00, 0x3e0, 0x1f] as const;
  const eightBits = [0xff0000, 0xff00, 0xff] as const;
  const hasAlpha = hasMasks && (headerBytes >= 56 || compression === 6);
  const at = 14 + headerBytes + (hasMasks && headerBytes === 40 ? (compression === 6 ? 16 : 12) : 0);
  const listed = isOld ? 0 : file.readUInt32LE(46);
  return {
    width,
    height: Math.abs(signedHeight),
    isTopDown: signedHeight < 0,
    bits,
    dataAt,
    palette: { at, colors: Math.min(listed || 2 ** Math.min(bits, 8), 256), bytes: isOld ? 3 : 4 },
    masks: hasMasks ? [mask(0), mask(1), mask(2)] : bits === 16 ? fiveBits : eightBits,
    alpha: hasAlpha ? mask(3) : 0,
  };
}

/** Writes the pixel at column `x` of the row that begins at `row` to `data` at `at`. */
type PixelReader = (row: number, x: number, data: Buffer, at: number) => void;

function createPixelReader(file: Buffer, header: Header): PixelReader {
  const { bits, masks, alpha } = header;
  if (bits <= 8) return createPaletteReader(file, header);
  if (bits === 24)
    return (row, x, data, at) => {
      const from = row + 3 * x;
      data[at] = file[from + 2] ?? 0;
      data[at + 1] = file[from + 1] ?? 0;
      data[at + 2] = file[from] ?? 0;
    };
  const bytes = bits / 8;
  const samples = (alpha ? [...masks, alpha] : masks).map(toSample);
  return (row, x, data, at) => {
    const value = file.readUIntLE(row + bytes * x, bytes);
    samples.forEach((sample, index) => {
      data[at + index] = sample(value);
    });
  };
}

function createPaletteReader(file: Buffer, { bits, palette }: Header): PixelReader {
  const perByte = 8 / bits;
  return (row, x, data, at) => {
    const byte = file[row + Math.floor(x / perByte)] ?? 0;
    const index = (byte >> (8 - bits - (x % perByte) * bits)) & (2 ** bits - 1);
    const from = palette.at + Math.min(index, palette.colors - 1) * palette.bytes;
    data[at] = file[from + 2] ?? 0;
    data[at + 1] = file[from + 1] ?? 0;
    data[at + 2] = file[from] ?? 0;
  };
}

/** The bits under the mask, scaled to 0 to 255. */
function toSample(mask: number): (value: number) => number {
  if (mask === 0) return () => 0;
  const shift = 31 - Math.clz32(mask & -mask);
  const max = mask >>> shift;
  return (value) => Math.round((((value & mask) >>> shift) * 255) / max);
}
