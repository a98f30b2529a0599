import { open } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { ImageOutputFormat, Pixels } from '@darkroom/protocol';
import sharp, { type Sharp } from 'sharp';
import { Semaphore } from '../platform/semaphore.ts';
import type { SpoolFile } from '../spool/spooled-string.ts';
import { UnreadablePictureError } from './media-errors.ts';
import { type ImageType, sniffedBytes, sniffImageType } from './sniff-image-type.ts';

/** The head of a picture: what it is and how large. */
export interface PictureHead {
  readonly type: ImageType;
  /** As it is seen: turned the way its EXIF orientation says. */
  readonly pixels: Pixels;
}

/** Reads the head of the file; throws `UnreadablePictureError` when it is no picture. */
export async function readPictureHead(file: SpoolFile): Promise<PictureHead> {
  const type = sniffImageType(await readStart(file.path));
  if (!type) throw new UnreadablePictureError('The bytes are not of a picture type that Darkroom knows.');
  const { autoOrient } = await decoding(() => openPicture(file).metadata());
  return { type, pixels: { width: autoOrient.width, height: autoOrient.height } };
}

/**
 * Decodes the whole file and throws `UnreadablePictureError` when it is cut off or broken. Shrinking while it decodes
 * makes it cheap: 9, 24 and 85 ms for a JPEG of 1K, 2K and 4K, half of what a full decode takes.
 */
export async function assertDecodable(file: SpoolFile): Promise<void> {
  await decoding(() => openPicture(file).resize({ width: 8, kernel: 'nearest' }).raw().toBuffer());
}

/**
 * Writes the picture to `path` in another format, upright and in sRGB. Throws `UnreadablePictureError` when the picture is
 * at fault, and sharp's own error when the writing is.
 */
export async function transcodePicture(file: SpoolFile, format: ImageOutputFormat, path: string): Promise<SpoolFile> {
  try {
    const { size } = await places.run(() => encodings[format](openPicture(file).autoOrient()).toFile(path));
    return { path, bytes: size };
  } catch (error) {
    // The error does not tell reading from writing; decoding it once more does.
    await assertDecodable(file);
    throw error;
  }
}

/**
 * Writes a copy of at most `maxSide` pixels a side to `path`, as JPEG. Throws `UnreadablePictureError` when the picture
 * cannot be decoded.
 */
export async function shrinkPicture(file: SpoolFile, path: string, maxSide: number): Promise<SpoolFile> {
  // Optimised coding would hold the whole picture in memory.
  const encoding = { quality: 85, optimizeCoding: false };
  const smaller = openPicture(file).autoOrient().resize(toFit(maxSide)).flatten({ background: 'white' }).jpeg(encoding);
  const { size } = await decoding(() => smaller.toFile(path));
  return { path, bytes: size };
}

/**
 * Writes a thumbnail to `path`: WebP without metadata, upright, as large as it is when it is smaller than `maxSide` already.
 * Throws as `shrinkPicture` does, also after so many seconds.
 */
export async function drawThumbnail(file: SpoolFile, path: string, limits: ThumbnailLimits): Promise<SpoolFile> {
  // Bytes that are no picture never come to a decoder.
  await readPictureHead(file);
  const smaller = openPicture(file).autoOrient().resize(toFit(limits.maxSide)).webp({ quality: 80 });
  const { size } = await decoding(() => smaller.timeout({ seconds: limits.seconds }).toFile(path));
  return { path, bytes: size };
}

export interface ThumbnailLimits {
  readonly maxSide: number;
  readonly seconds: number;
}

function toFit(maxSide: number) {
  return { width: maxSide, height: maxSide, fit: 'inside', withoutEnlargement: true } as const;
}

/**
 * Measured on a photo-like 4K picture (a JPEG of 7.3 MB) on one core. PNG: adaptive filtering is what makes it small
 * (level 1 without: 51.6 MB in 0.6 s); of the levels with it 2 takes 25.6 MB in 1.1 s, 6 takes 25.3 MB in 1.5 s.
 * JPEG: 5.4 MB in 0.4 s with full colour resolution, which keeps the edges of coloured lettering; mozjpeg needs 4 s and
 * saves nothing at this quality. JPEG has no transparency, so the picture is laid on white.
 */
const encodings: Record<ImageOutputFormat, (picture: Sharp) => Sharp> = {
  png: (picture) => picture.png({ compressionLevel: 2, adaptiveFiltering: true }),
  jpeg: (picture) => picture.flatten({ background: 'white' }).jpeg({ quality: 92, chromaSubsampling: '4:4:4' }),
};

/**
 * How many pictures are decoded at a time. Each occupies a thread of Node's pool of four, and one must stay free for files
 * and name look-ups. More threads a picture gain nothing, and a cache of pictures that are seen once is a waste.
 */
const places = new Semaphore(Math.min(availableParallelism(), 3));
sharp.concurrency(1);
sharp.cache(false);

/** The largest picture of any model we know has 17 million pixels. */
const limitInputPixels = 100_000_000;

function openPicture(file: SpoolFile): Sharp {
  // Not `warning`: people would rather see a picture with a flaw in its metadata than pay for it again.
  return sharp(file.path, { sequentialRead: true, failOn: 'error', limitInputPixels });
}

async function decoding<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await places.run(work);
  } catch (cause) {
    throw new UnreadablePictureError('The picture cannot be decoded.', { cause });
  }
}

async function readStart(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(sniffedBytes), 0, sniffedBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
