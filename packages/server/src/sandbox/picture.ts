import type { Pixels } from '@darkroom/protocol';
import { padJpeg } from './jpeg-padding.ts';

/** Draws a picture of a prompt: the illustrator. */
export type Illustrate = (order: {
  readonly prompt: string;
  readonly pixels: Pixels;
  readonly format?: 'jpeg' | 'png' | 'webp';
}) => Promise<Buffer>;

/** A drawn picture on its way out. Padding is made as it is read, so a large picture is no larger in memory. */
export interface Picture {
  readonly mimeType: PictureMimeType;
  /** Each time from the start. */
  readonly chunks: () => Iterable<Uint8Array>;
}

export interface PictureOrder {
  readonly prompt: string;
  readonly pixels: Pixels;
  readonly mimeType: PictureMimeType;
  /** How long a JPEG shall be made. */
  readonly bytes?: number;
}

/** The types that the sandbox can make. */
export type PictureMimeType = keyof typeof formats;

const formats = { 'image/jpeg': 'jpeg', 'image/png': 'png', 'image/webp': 'webp' } as const;

export function isPictureMimeType(mimeType: string): mimeType is PictureMimeType {
  return Object.hasOwn(formats, mimeType);
}

export async function drawPicture(illustrate: Illustrate, order: PictureOrder): Promise<Picture> {
  const { prompt, pixels, mimeType, bytes } = order;
  const drawn = await illustrate({ prompt, pixels, format: formats[mimeType] });
  return { mimeType, chunks: () => (bytes === undefined ? [drawn] : padJpeg(drawn, bytes)) };
}
