import type { ImageRequest } from '../core/image-request.ts';
import type { MediaStore } from '../media/media-store.ts';

/** The payload of a request as it is kept: with addresses in place of the pictures that came inside it. */
export interface KeptPayload {
  readonly [key: string]: unknown;
  readonly image?: readonly string[];
}

interface Places {
  readonly media: Pick<MediaStore, 'toAddress'>;
  readonly publicUrl: string;
}

/**
 * Reads the payload that a wire has written. A wire that has to repeat something in its records, which means nothing to a model,
 * keeps it in the payload under the wire's name.
 */
export function readKeptPayload({ payload, inline }: ImageRequest, { media, publicUrl }: Places): KeptPayload {
  const kept = JSON.parse(payload) as Record<string, unknown>; // every payload is an object
  const images = [kept['image'] ?? []].flat().map(String);
  let { mask } = kept;
  for (const { path, name } of inline) {
    const [key, index = 0] = path;
    const { url } = media.toAddress(name, publicUrl);
    if (key === 'image') images[Number(index)] = url;
    if (key === 'mask') mask = url;
  }
  const { image: _image, ...rest } = kept;
  return { ...rest, mask, ...(images.length > 0 && { image: images }) };
}

/** The payload without the keys that have no value. */
export function toPayload(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null));
}
