import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { SpoolFile } from '@darkroom/json-stream';
import type { ImageOutputFormat, Pixels } from '@darkroom/protocol';
import type { Sharp } from 'sharp';
import { PictureTooLargeError, UnreadablePictureError } from '../media-errors.ts';
import { decodeBmp } from './bmp.ts';
import { type DecodeCost, maxDecodeBytes, maxPixels } from './decode-cost.ts';
import { type DecodeLoad, DecodeTurns } from './decode-turns.ts';
import { type DigitalSource, toXmp } from './digital-source.ts';
import { loadSharp } from './load-sharp.ts';
import { describeExcess, type PictureHead } from './picture-head.ts';

/** A picture in a spool folder whose head has been read. */
export interface HeadedPicture {
  readonly file: SpoolFile;
  readonly head: PictureHead;
}

/**
 * Decodes the whole file, and throws `UnreadablePictureError` when it is cut off or broken. Shrinking while decoding keeps
 * this cheap: 9, 24 and 85 ms for a JPEG of 1K, 2K and 4K, half of the time of a full decode. The kernel looks at every row;
 * `nearest` would leave the last ones of a large picture undecoded.
 */
export async function assertDecodable(picture: HeadedPicture): Promise<void> {
  await decodePicture(picture, 'small', (opened) => opened.resize({ width: 8, kernel: 'linear' }).raw().toBuffer());
}

/**
 * Writes the picture to `path` in another format, upright and in sRGB. Throws `UnreadablePictureError` when the picture
 * is at fault, and sharp's own error when writing fails.
 */
export async function transcodePicture(picture: HeadedPicture, encoding: Encoding, path: string): Promise<SpoolFile> {
  const extraBytes = toEncodeBytes(encoding, picture.head.pixels);
  return await rewritePicture(picture, (opened) => write(encode(opened.autoOrient(), encoding), path), extraBytes);
}

/**
 * Runs `work`, which decodes the picture and writes a file, when its turn comes. It may take `extraBytes` of memory in addition to
 * the decoding. Throws `UnreadablePictureError` when the picture is at fault, and the error of `work` otherwise.
 */
export async function rewritePicture(
  picture: HeadedPicture,
  work: (opened: Sharp) => Promise<SpoolFile>,
  extraBytes: number,
): Promise<SpoolFile> {
  try {
    return await running(picture, 'whole', work, { extraBytes });
  } catch (error) {
    // The error does not distinguish reading from writing; decoding the picture once more does.
    if (!(error instanceof UnreadablePictureError)) await assertDecodable(picture);
    throw error;
  }
}

/**
 * Writes the picture to `path` in a form that every decoder shows alike: upright, 8 bits per sample, in sRGB. Throws as
 * `transcodePicture` does.
 */
export async function plainPicture(
  picture: HeadedPicture,
  format: ImageOutputFormat,
  path: string,
): Promise<SpoolFile> {
  return await decodePicture(picture, 'whole', (opened) =>
    write(encode(opened.autoOrient().toColourspace('srgb'), { format }), path),
  );
}

/**
 * Writes a copy with sides of at most `maxSide` pixels to `path`, as JPEG. Throws `UnreadablePictureError` when the
 * picture cannot be decoded.
 */
export async function shrinkPicture(picture: HeadedPicture, path: string, maxSide: number): Promise<SpoolFile> {
  return await decodePicture(picture, 'small', (opened) => {
    const smaller = opened.autoOrient().resize(toFit(maxSide)).flatten({ background: 'white' });
    return write(smaller.jpeg({ quality: 85, optimizeCoding: false }), path);
  });
}

/**
 * Writes a thumbnail to `path`: WebP without metadata, upright, in its own size if that is already smaller than
 * `maxSide`. Throws as `shrinkPicture` does, and also after a time limit or when the signal aborts before its turn. If
 * the disk refuses, it throws the disk's own error.
 */
export async function drawThumbnail(picture: HeadedPicture, path: string, limits: ThumbnailLimits): Promise<SpoolFile> {
  const { maxSide, seconds, signal } = limits;
  const drawing = (opened: Sharp) => {
    signal.throwIfAborted();
    return opened.autoOrient().resize(toFit(maxSide)).webp({ quality: 80 }).timeout({ seconds }).toBuffer();
  };
  const bytes = await decodePicture(picture, 'small', drawing, { isAside: true });
  await writeFile(path, bytes);
  return { path, bytes: bytes.length };
}

export interface ThumbnailLimits {
  readonly maxSide: number;
  readonly seconds: number;
  readonly signal: AbortSignal;
}

function toFit(maxSide: number) {
  return { width: maxSide, height: maxSide, fit: 'inside', withoutEnlargement: true } as const;
}

export async function write(encoded: Sharp, path: string): Promise<SpoolFile> {
  const { size } = await encoded.toFile(path);
  return { path, bytes: size };
}

/**
 * Measured on a photo-like 4K picture (a JPEG of 7.3 MB) on one core. PNG: adaptive filtering makes the file small
 * (level 1 without it: 51.6 MB in 0.6 s). Of the levels with it, 2 takes 25.6 MB in 1.1 s and 6 takes 25.3 MB in 1.5 s.
 * JPEG: 5.4 MB in 0.4 s with full colour resolution, which keeps the edges of coloured lettering. mozjpeg needs 4 s and
 * saves nothing at this quality. JPEG has no transparency, so the picture gets a white background. Optimised coding
 * would hold the whole picture: 209 MB instead of 21 at 4K, for 5 % of its size.
 */
export function encode(picture: Sharp, { source, ...encoding }: Encoding): Sharp {
  return source === undefined
    ? encodePixels(picture, encoding)
    : encodePixels(picture, encoding).withXmp(toXmp(source));
}

function encodePixels(picture: Sharp, { format, quality = usualQuality }: Encoding): Sharp {
  switch (format) {
    case 'png':
      return picture.png({ compressionLevel: 2, adaptiveFiltering: true });
    case 'jpeg':
      return picture
        .flatten({ background: 'white' })
        .jpeg({ quality, chromaSubsampling: '4:4:4', optimizeCoding: false });
    case 'webp':
      return picture.webp({ quality, effort: 2 });
  }
}

const usualQuality = 92;

/** How a picture is to be encoded. */
export interface Encoding {
  readonly format: ImageOutputFormat;
  /** From 1 to 100; PNG has none. */
  readonly quality?: number | undefined;
  /** Where the picture comes from, as its metadata says; missing: they say nothing. */
  readonly source?: DigitalSource | undefined;
}

/** The encoder of WebP holds the whole picture, in two forms; the others only a band of rows. */
export function toEncodeBytes({ format }: Encoding, { width, height }: Pixels): number {
  return format === 'webp' ? 8 * width * height : 0;
}

/**
 * All decoding in this process takes turns here. Each piece occupies one of the five threads in Node's pool (`bin/darkroom.js`
 * sets their number): at most three work, one draws a thumbnail, and one stays free for files and name lookups. A third of the
 * memory is more than a usual picture of 4K takes.
 */
const turns = new DecodeTurns({
  places: Math.min(Math.max(availableParallelism(), 2), 3),
  bytes: maxDecodeBytes,
  workBytes: maxDecodeBytes / 3,
});

/** Runs `work`, which takes this much memory for the pixels of a picture, when its turn comes. */
export function inTurn<T>(bytes: number, work: () => Promise<T>): Promise<T> {
  return turns.run({ bytes }, work);
}

async function running<T>(
  { file, head }: HeadedPicture,
  use: keyof DecodeCost,
  work: (opened: Sharp) => Promise<T>,
  { extraBytes = 0, ...load }: Omit<DecodeLoad, 'bytes'> & { readonly extraBytes?: number } = {},
): Promise<T> {
  const excess = describeExcess(head, use);
  if (excess !== undefined) throw new PictureTooLargeError(`The picture ${excess}.`);
  return await turns.run({ ...load, bytes: head.cost[use] + extraBytes }, async () =>
    work(await openPicture(file, head)),
  );
}

/**
 * Runs `work`, which decodes the picture, when its turn comes. Throws `UnreadablePictureError` when that fails for any
 * reason, and `PictureTooLargeError` at once when it would take too much memory or time.
 */
export async function decodePicture<T>(...task: Parameters<typeof running<T>>): Promise<T> {
  try {
    return await running(...task);
  } catch (cause) {
    if (cause instanceof UnreadablePictureError) throw cause;
    throw new UnreadablePictureError('The picture cannot be decoded.', { cause });
  }
}

/** Decodes nothing yet, except a BMP. Colours that are sRGB already are not converted: that could change them by rounding. */
export async function openPicture({ path }: SpoolFile, { type, isSrgb }: PictureHead): Promise<Sharp> {
  const sharp = await loadSharp();
  if (type === 'image/bmp') {
    const { data, raw } = await decodeBmp(await readFile(path));
    return sharp(data, { raw });
  }
  // Not `warning`: callers would rather see a picture with a flaw in its metadata than pay for it again.
  return sharp(path, { sequentialRead: true, failOn: 'error', limitInputPixels: maxPixels, ignoreIcc: isSrgb });
}
