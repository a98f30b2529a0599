import { z } from 'zod';
import type { Names } from '../../core/names.ts';
import { parseTolerantly } from '../../core/parse-input.ts';
import { ignored, keptAlong, passedOn, refuseParameters } from './parameters.ts';

const text = z.string({ error: 'must be a string' });

/** Forms have texts, and Python writes `True`. */
const flag = z.union([z.boolean(), z.enum(['true', 'false', 'True', 'False']).transform((one) => /^t/i.test(one))], {
  error: 'must be true or false',
});

const count = (from: number, to: number) => {
  const error = `must be a whole number from ${from} to ${to}`;
  return z.int({ error }).min(from, { error }).max(to, { error });
};

const word = <const W extends string>(words: readonly W[], why = '') =>
  z.enum(words, { error: `must be one of ${words.join(', ')}${why}` });

const anything = z.unknown().optional();

/** A URL, a `data:` URI or base64, alone or in the objects of the JSON form. */
const picture = z
  .union(
    [
      z.string(),
      z.object({ image_url: z.union([z.string(), z.object({ url: z.string() })]) }),
      z.object({ url: z.string() }),
    ],
    { error: describePicture },
  )
  .transform(toReference);
const pictures = z.union([picture, z.array(picture)], { error: describePicture });

function toReference(
  given: string | { readonly url: string } | { readonly image_url: string | { url: string } },
): string {
  if (typeof given === 'string') return given;
  return 'url' in given ? given.url : toReference(given.image_url);
}

function describePicture({ input }: { readonly input?: unknown }): string {
  const hasFileId = [input].flat().some((one) => typeof one === 'object' && one !== null && 'file_id' in one);
  return hasFileId
    ? 'names a file_id, but there are no files here: give an image_url, which may be a data: URI, or upload the picture as a form'
    : 'must be a picture: a file of a form, a URL, a data: URI, or {"image_url"}';
}

/**
 * The body of a call for pictures. Source: the types of the package openai (resources/images), and the keys that its users and
 * relays add. Every message is the end of a sentence that begins with the key.
 */
export const imageCallSchema = z.object(
  {
    model: text.optional(),
    prompt: text.optional(),
    n: count(1, 10).optional(),
    size: text.optional(),
    quality: text.optional(),
    aspect_ratio: text.optional(),
    image_size: text.optional(),
    response_format: word(['b64_json', 'url']).default('b64_json'),
    output_format: word(
      ['png', 'jpeg', 'webp'],
      ': these models make still raster pictures, so gif and svg are not available',
    ).default('png'),
    output_compression: count(0, 100).optional(),
    background: word(['auto', 'opaque', 'transparent']).optional(),
    stream: flag.default(false),
    partial_images: count(0, 3).optional(),
    async: flag.default(false),
    image: pictures.optional(),
    images: pictures.optional(),
    mask: picture.optional(),
    service_tier: anything,
    fallback: anything,
    negative_prompt: anything,
    ...toShape(passedOn),
    ...toShape(keptAlong),
    ...toShape(ignored),
  },
  { error: 'must be an object with the parameters' },
);

export type ImageCall = z.output<typeof imageCallSchema>;

function toShape<K extends string>(names: readonly K[]): Record<K, typeof anything> {
  return Object.fromEntries(names.map((name) => [name, anything])) as Record<K, typeof anything>; // a value for each name
}

/** What goes into the payload is checked there. */
const callNames: Names = { keys: ['model'] };

/** Throws a `Problem` that names every wrong key. */
export function parseImageCall(body: unknown): ImageCall {
  refuseParameters(body, (name) => Object.hasOwn(imageCallSchema.shape, name));
  return parseTolerantly(imageCallSchema, body, '', callNames);
}
