import type { PictureOrder, Take } from '@darkroom/illustrator';
import { padJpeg } from './jpeg-padding.ts';

/** Draws a picture of what a conversation asks for: the illustrator. */
export type Illustrate = (order: PictureOrder) => Promise<Buffer>;

/** A drawn picture to send. Its padding is made while it is read, so padding takes no memory. */
export interface Picture {
  readonly mimeType: PictureMimeType;
  /** Each call starts from the beginning. */
  readonly chunks: () => Iterable<Uint8Array>;
  readonly take: Take;
}

/** The format and length of a picture to send. */
export interface PictureFinish {
  readonly mimeType: PictureMimeType;
  /** The length to which a JPEG is padded. */
  readonly bytes?: number;
}

/** The types that the sandbox can make. */
export type PictureMimeType = keyof typeof formats;

const formats = { 'image/jpeg': 'jpeg', 'image/png': 'png', 'image/webp': 'webp' } as const;

export function isPictureMimeType(mimeType: string): mimeType is PictureMimeType {
  return Object.hasOwn(formats, mimeType);
}

export async function drawPicture(
  illustrate: Illustrate,
  order: Omit<PictureOrder, 'format'>,
  { mimeType, bytes }: PictureFinish,
): Promise<Picture> {
  const drawn = await illustrate({ ...order, format: formats[mimeType] });
  return { mimeType, take: order.take, chunks: () => (bytes === undefined ? [drawn] : padJpeg(drawn, bytes)) };
}
