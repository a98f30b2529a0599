import { z } from 'zod';
import type { Names } from '../../core/names.ts';
import { parseTolerantly } from '../../core/parse-input.ts';

/**
 * The body of a call for pictures. Source: the types of the package openai (resources/images), and the keys that its users and
 * relays add. Every message is the end of a sentence that begins with the key.
 */

const text = z.string({ error: 'must be a text' });

/** A URL, a `data:` URI or base64, alone or in the objects of the JSON form. */
const pictureSchema = z.union(
  [
    z.string(),
    z.object({ image_url: z.union([z.string(), z.object({ url: z.string() }).transform(({ url }) => url)]) }),
    z.object({ url: z.string() }),
  ],
  { error: describePicture },
);
const picturesSchema = z.union([pictureSchema, z.array(pictureSchema)], { error: describePicture });

/** Forms have texts, and Python writes `True`. */
const flag = z.union([z.boolean(), z.enum(['true', 'false', 'True', 'False']).transform((one) => /^t/i.test(one))], {
  error: 'must be true or false',
});

const count = (from: number, to: number) => {
  const error = `must be a whole number from ${from} to ${to}`;
  return z.int({ error }).min(from, { error }).max(to, { error });
};

const word = <const W extends string>(words: readonly W[]) =>
  z.enum(words, { error: `must be one of ${words.join(', ')}` });

/** The same with a reason for the words that are missing. */
const onlyWord = <const W extends string>(words: readonly W[], error: string) => z.enum(words, { error });

const refused = (error: string) => z.undefined({ error }).optional();

const anything = z.unknown().optional();

export const imageCallSchema = z
  .object(
    {
      model: text.optional(),
      prompt: text.optional(),
      n: count(1, 10).optional(),
      size: text.optional(),
      quality: text.optional(),
      aspect_ratio: text.optional(),
      image_size: text.optional(),
      response_format: word(['b64_json', 'url']).default('b64_json'),
      output_format: onlyWord(
        ['png', 'jpeg', 'webp'],
        'must be png, jpeg or webp: these models make still pictures of pixels, so there is no gif and no svg',
      ).default('png'),
      output_compression: count(0, 100).optional(),
      background: onlyWord(
        ['auto', 'opaque'],
        'must be opaque or auto: these models paint no alpha channel, so there is no transparent background',
      ).optional(),
      stream: flag.default(false),
      partial_images: count(0, 3).optional(),
      async: flag.default(false),
      image: picturesSchema.optional(),
      images: picturesSchema.optional(),
      mask: pictureSchema.optional(),

      // Passed on as they are; the model checks them.
      previous_request_id: anything,
      previous_image: anything,
      system_instruction: anything,
      temperature: anything,
      top_p: anything,
      seed: anything,
      safety_settings: anything,
      thinking_level: anything,
      google_search: anything,

      // Kept with the request, to be found there.
      user: anything,
      safety_identifier: anything,
      metadata: anything,

      // Accepted without effect: they mean nothing to these models.
      moderation: anything,
      style: anything,
      input_fidelity: anything,
      store: anything,
      tools: anything,
      tool_choice: anything,
      service_tier: anything,
      stream_options: anything,
      prompt_cache_key: anything,

      markup: refused('is not possible with these models: draw it into the picture, or send a mask'),
      complexity: refused('is not possible with these models: thinking_level says how much they think'),
      frame_count: refused('is not possible: these models make no moving pictures'),
      frame_duration_ms: refused('is not possible: these models make no moving pictures'),
      svg: refused('is not possible: these models make pictures of pixels'),
      negative_prompt: refused('is not possible with these models: say in the prompt what to avoid'),
    },
    { error: 'must be an object with the parameters' },
  )
  .catchall(z.union([z.undefined(), z.null()], { error: 'is not a parameter of this call' }))
  .refine(({ output_format, output_compression = 100 }) => output_format !== 'png' || output_compression === 100, {
    path: ['output_compression'],
    error: 'is possible with jpeg and webp: a png is never compressed with loss',
  });

export type ImageCall = z.output<typeof imageCallSchema>;

/** What a payload gets is checked there. */
const callNames: Names = { keys: ['model'] };

/** Throws a `Problem` that names every wrong key. */
export function parseImageCall(body: unknown): ImageCall {
  return parseTolerantly(imageCallSchema, body, '', callNames);
}

/** The pictures of a call, in order. */
export function listPictures({ image, images }: Pick<ImageCall, 'image' | 'images'>): readonly string[] {
  return [image ?? [], images ?? []].flat().map(toReference);
}

export function toReference(picture: z.output<typeof pictureSchema>): string {
  if (typeof picture === 'string') return picture;
  return 'url' in picture ? picture.url : picture.image_url;
}

function describePicture({ input }: { readonly input?: unknown }): string {
  const hasFileId = [input].flat().some((one) => typeof one === 'object' && one !== null && 'file_id' in one);
  return hasFileId
    ? 'names a file_id, and there are no files here: give an image_url, which may be a data: URI, or upload the picture as a form'
    : 'must be a picture: a file of a form, a URL, a data: URI, or {"image_url"}';
}
