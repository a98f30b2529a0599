import { open } from 'node:fs/promises';
import type { SpoolFile } from '@darkroom/json-stream';
import type { Pixels } from '@darkroom/protocol';
import type { Metadata } from 'sharp';
import { UnreadablePictureError, UnsupportedPictureError } from '../media-errors.ts';
import { type ImageType, sniffImageType } from '../sniff-image-type.ts';
import { readBmpHead } from './bmp.ts';
import { type DecodeCost, describePixelExcess, describePixels, maxDecodeBytes, toDecodeCost } from './decode-cost.ts';
import { JpegWalk } from './jpeg-walk.ts';
import { loadSharp } from './load-sharp.ts';

/** The head of a picture: its type, its size, and what it takes to decode it. Reading it decodes no pixel. */
export interface PictureHead {
  readonly type: ImageType;
  /** The size as the picture is seen, after the rotation of its EXIF orientation. */
  readonly pixels: Pixels;
  readonly cost: DecodeCost;
  /** Does every decoder show it alike: upright, 8 bits per sample, in sRGB, and one picture only? */
  readonly isPlain: boolean;
  readonly isProgressive: boolean;
  readonly hasAlpha: boolean;
  /** Are its colours those of sRGB, or grey, as far as its profile says? */
  readonly isSrgb: boolean;
}

/** What is read of a picture's metadata. */
type Head = Pick<Metadata, 'width' | 'height' | 'channels' | 'depth' | 'space' | 'isProgressive'> & Partial<Metadata>;

/** Reads the head of the file; throws `UnreadablePictureError` when it is not a picture. */
export async function readPictureHead(file: SpoolFile): Promise<PictureHead> {
  const start = await readStart(file.path);
  const type = sniffImageType(start);
  if (!type) throw new UnreadablePictureError('The bytes are not a picture of a type that Darkroom knows.');
  const metadata = type === 'image/bmp' ? readBmpHead(start) : await readMetadata(file, type, start);
  const { width, height, isProgressive } = metadata;
  const isTurned = (metadata.orientation ?? 1) > 4;
  return {
    type,
    pixels: isTurned ? { width: height, height: width } : { width, height },
    cost: toDecodeCost(type, metadata),
    isPlain: isPlain(metadata),
    isProgressive,
    hasAlpha: metadata.hasAlpha ?? false,
    isSrgb: isSrgb(metadata.icc),
  };
}

/** The type according to the file's first bytes; `undefined` when it is not a picture. */
export async function readImageType(file: SpoolFile): Promise<ImageType | undefined> {
  return sniffImageType(await readStart(file.path));
}

/**
 * Says why a picture is too large to decode, as the end of a sentence that begins with the picture; `undefined` when it
 * is not too large.
 */
export function describeExcess({ pixels, cost }: PictureHead, use: keyof DecodeCost): string | undefined {
  const excess = describePixelExcess(pixels);
  if (excess !== undefined || cost[use] <= maxDecodeBytes) return excess;
  const [needed, most] = [cost[use], maxDecodeBytes].map((bytes) => Math.ceil(bytes / 1024 ** 2));
  return `has ${describePixels(pixels)} in a form that takes ${needed} MB of memory to decode: at most ${most} MB is allowed`;
}

/** What a usual JPEG says without a decoder, which would read the file again; `undefined` for any other. */
function readJpegStart(start: Buffer): Head | undefined {
  const walk = new JpegWalk();
  walk.take(start);
  const { width, height, components } = walk.plainFrame ?? { width: 0, height: 0, components: 0 };
  if (components !== 1 && components !== 3) return undefined;
  return {
    width,
    height,
    channels: components,
    depth: 'uchar',
    space: components === 1 ? 'b-w' : 'srgb',
    isProgressive: false,
  };
}

async function readMetadata(file: SpoolFile, type: ImageType, start: Buffer): Promise<Head> {
  const known = type === 'image/jpeg' ? readJpegStart(start) : undefined;
  if (known) return known;
  const sharp = await loadSharp();
  try {
    return await sharp(file.path, { sequentialRead: true, limitInputPixels: false }).metadata();
  } catch (cause) {
    if (isHeif(type)) throw new UnsupportedPictureError(heifProblem, { cause });
    const said = type === 'image/png' ? readPngSize(start) : undefined;
    throw new UnreadablePictureError(
      said ? `The picture declares ${said}, but cannot be decoded.` : 'The picture cannot be decoded.',
      { cause },
    );
  }
}

/** The available libraries cannot decode it, because its codec, HEVC, is patented. */
export function isHeif(type: ImageType): type is 'image/heic' | 'image/heif' {
  return type === 'image/heic' || type === 'image/heif';
}

export const heifProblem = 'The picture is HEIC, which cannot be decoded here.';

/** For a file that holds little more than its size. */
function readPngSize(start: Buffer): string | undefined {
  if (start.length < 24) return undefined;
  return describePixels({ width: start.readUInt32BE(16), height: start.readUInt32BE(20) });
}

function isPlain({ orientation = 1, depth, space, pages = 1, icc }: Head): boolean {
  return orientation === 1 && depth === 'uchar' && ['srgb', 'b-w'].includes(space) && pages === 1 && isSrgb(icc);
}

/** Decides by the profile's name, which is ASCII or UTF-16. */
function isSrgb(profile: Buffer | undefined): boolean {
  return profile === undefined || profile.includes('sRGB') || profile.includes(Buffer.from('sRGB', 'utf16le').swap16());
}

/** Enough for what `sniffImageType` needs, and for what comes before the pixels of a usual JPEG. */
const startBytes = 32 * 1024;

async function readStart(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafeSlow(startBytes), 0, startBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
