import type { Pixels } from '@darkroom/protocol';
import { groupDigits } from '@darkroom/protocol';
import type { Metadata } from 'sharp';
import type { ImageType } from '../sniff-image-type.ts';

/** The most memory that decoding a picture can take, in bytes, according to its head. Measured with libvips 8.18. */
export interface DecodeCost {
  /** For decoding every pixel. */
  readonly whole: number;
  /** For decoding a small copy, which JPEG and WebP can produce directly. */
  readonly small: number;
}

/**
 * The most memory that all decoding in a process may take at the same time. A picture that needs more by itself is not
 * decoded.
 */
export const maxDecodeBytes = 384 * 1024 * 1024;

/**
 * A picture with more pixels takes too long, however little memory it needs. The largest picture of a model that we
 * know has 17 million.
 */
export const maxPixels = 100_000_000;

/** A picture with a mask is in memory as a whole, with its mask and with what the model made of it. */
export const maxMaskedPixels = 24_000_000;

/**
 * Says that a picture has too many pixels, as the end of a sentence that begins with the picture; `undefined` when it
 * does not.
 */
export function describePixelExcess({ width, height }: Pixels): string | undefined {
  if (width * height <= maxPixels) return undefined;
  return `has ${describePixels({ width, height })}: at most ${groupDigits(maxPixels)} can be decoded`;
}

export function describePixels({ width, height }: Pixels): string {
  return `${groupDigits(width)} × ${groupDigits(height)} pixels`;
}

type Head = Pick<
  Metadata,
  | 'width'
  | 'height'
  | 'channels'
  | 'depth'
  | 'isProgressive'
  | 'chromaSubsampling'
  | 'pages'
  | 'orientation'
  | 'bitsPerSample'
>;

/**
 * If the format lets rows be decoded one after the other, only a band of rows is in memory. An interlaced PNG, a
 * progressive JPEG and every picture of the other formats is in memory as a whole.
 */
export function toDecodeCost(type: ImageType, head: Head): DecodeCost {
  const { width, height, channels } = head;
  const pixels = width * height;
  const samples = pixels * channels * (sampleBytes[head.depth] ?? 16);
  const band = Math.min(samples, (samples / Math.max(height, 1)) * bandRows);
  // Rotating needs the whole picture once more.
  const turning = (head.orientation ?? 1) > 1 ? samples : 0;
  switch (type) {
    case 'image/jpeg': {
      const sampled = /^4:2:[02]/.test(head.chromaSubsampling ?? '') ? 0.75 : 1;
      const coefficients = head.isProgressive ? pixels * channels * 2 * sampled : 0;
      return { whole: coefficients + band + turning, small: coefficients + band };
    }
    case 'image/png': {
      const cost = (head.isProgressive ? samples : 0) + band + turning;
      return { whole: cost, small: cost };
    }
    case 'image/webp': {
      const canvas = (head.pages ?? 1) > 1 ? 4 * pixels : 0;
      return { whole: 8 * pixels + canvas + turning, small: 4 * pixels + canvas };
    }
    case 'image/gif':
    case 'image/bmp':
      return both(5 * pixels + band);
    case 'image/tiff':
      return both(2 * samples + band + turning);
    case 'image/avif':
    case 'image/heic':
    case 'image/heif':
      return both(((head.bitsPerSample ?? 8) > 8 ? 26 : 18) * pixels + turning);
  }
}

function both(bytes: number): DecodeCost {
  return { whole: bytes, small: bytes };
}

const bandRows = 2_048;

const sampleBytes: Readonly<Record<string, number>> = {
  uchar: 1,
  char: 1,
  ushort: 2,
  short: 2,
  uint: 4,
  int: 4,
  float: 4,
  double: 8,
};
