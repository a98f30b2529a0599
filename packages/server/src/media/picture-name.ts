import type { ImageOutputFormat } from '@darkroom/protocol';
import { createSecret } from '../platform/ids.ts';
import type { ImageType } from './sniff-image-type.ts';

/**
 * Pictures are public by their name; no URL leads to originals and signatures. Uploads are pictures that a bucket
 * accepted directly: also public, but nobody has checked their bytes. Thumbnails can be made again.
 */
type Area = 'pictures' | 'uploads' | 'thumbnails' | 'originals' | 'signatures';

/** The key of an object: `pictures/Zk/Zk3….png`. The level in between keeps folders small: there are 4,096 of them. */
export function toKey(area: Area, name: string): string {
  return `${area}/${name.slice(0, 2)}/${name}`;
}

/** The key of the public picture of this name. */
export function toPictureKey(name: string): string {
  const [, mark, start = ''] = /^(upload|thumbnail)-([A-Za-z0-9_-]{2})[A-Za-z0-9_-]{30}\./.exec(name) ?? [];
  return mark === undefined ? toKey('pictures', name) : `${mark}s/${start}/${name}`;
}

/** Is it the key of a thumbnail? */
export function isThumbnailKey(key: string): boolean {
  return key.startsWith('thumbnails/');
}

/** Is it the name of a thumbnail? */
export function isThumbnailName(name: string): boolean {
  return isThumbnailKey(toPictureKey(name));
}

/** Did the caller put the picture into the bucket? Then its bytes must be checked whenever they are used. */
export function isUploadName(name: string): boolean {
  return /^upload-[A-Za-z0-9_-]{32}\./.test(name);
}

export const contentTypes = { png: 'image/png', jpeg: 'image/jpeg', webp: 'image/webp' } as const satisfies Record<
  ImageOutputFormat,
  ImageType
>;

export const extensions: Record<ImageType, string> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/heic': 'heic',
  'image/heif': 'heif',
  'image/gif': 'gif',
  'image/bmp': 'bmp',
  'image/tiff': 'tiff',
  'image/avif': 'avif',
};

/** A new unguessable name for a picture of this type. */
export function createPictureName(type: ImageType): string {
  return `${createSecret()}.${extensions[type]}`;
}

/** A new unguessable name for a picture of this type that the caller puts into the bucket. */
export function createUploadName(type: ImageType): string {
  return `upload-${createPictureName(type)}`;
}

/** The name of the thumbnail of the public picture of this name. */
export function toThumbnailName(name: string): string {
  return `thumbnail-${name.replace(/^(?:upload|thumbnail)-(?=[A-Za-z0-9_-]{32}\.)/, '').slice(0, 32)}.webp`;
}

/** Parses a public picture's name: an id made by `createSecret`, and an extension. `undefined` when it is not such a name. */
export function parsePictureName(name: string): { readonly contentType: ImageType; readonly etag: string } | undefined {
  const [, id] =
    /^(?:upload-|thumbnail-)?([A-Za-z0-9_-]{32})\.(?:png|jpg|webp|heic|heif|gif|bmp|tiff|avif)$/.exec(name) ?? [];
  return id === undefined ? undefined : { contentType: toImageType(name), etag: `"${id}"` };
}

/** The type for a name or key that `extensions` made. */
export function toImageType(name: string): ImageType {
  const extension = name.slice(name.lastIndexOf('.') + 1);
  return extension === 'jpg' ? 'image/jpeg' : (`image/${extension}` as ImageType); // every other extension is the type's own name
}
