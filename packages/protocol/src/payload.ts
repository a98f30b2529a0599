import { z } from 'zod';
import { contentsSchema } from './contents.ts';
import { groupDigits } from './group-digits.ts';
import { createOptionalShape, type OptionalParameter, optionalParameters, transparent } from './optional-parameters.ts';
import {
  type AskedFormat,
  type AspectRatio,
  askedFormats,
  automaticRatio,
  type ImageSize,
  originalFormat,
} from './pixels.ts';
import { describeReferenceProblem, isReference } from './references.ts';
import { isNotSet, tolerate } from './tolerate.ts';

/** What a model serves; the payload's rules follow from it. The first size and the first ratio are the defaults. */
export interface ModelLimits {
  readonly imageSizes: readonly ImageSize[];
  readonly aspectRatios: readonly AspectRatio[];
  /** How many reference pictures `image` may list. */
  readonly maxReferences: number;
  /** Unicode code points. */
  readonly maxPromptCharacters: number;
  readonly maxImages: number;
  /** The optional parameters that the model takes; the others are refused by name. */
  readonly optionalParameters: readonly OptionalParameter[];
  /** The words of `thinking_level`, if the model takes it. */
  readonly thinkingLevels?: readonly string[];
  /** The words of `quality`, if the model takes it. The first is the default. */
  readonly qualities?: readonly string[];
}

/**
 * The schema of a model's payload. Unknown keys are kept as they are. Every message is the end of a sentence that begins
 * with the key's name: "payload.prompt" + " is missing: …".
 */
export function createPayloadSchema(limits: ModelLimits) {
  const schema = createKeysSchema(limits);
  const foreign = optionalParameters.filter((name) => !limits.optionalParameters.includes(name));
  const isMaskable = limits.maxReferences > 0 && limits.aspectRatios.includes(automaticRatio);
  return [...foreign, ...(isMaskable ? [] : (['mask'] as const))].reduce(refuseSet, schema);
}

/** Refuses a key that the model does not take. */
function refuseSet(schema: KeysSchema, name: OptionalParameter | 'mask'): KeysSchema {
  return schema.refine((payload) => payload[name] === undefined || payload[name] === false, {
    path: [name],
    error: 'is not supported by this model: leave it out',
    when: isObject,
  });
}

type KeysSchema = ReturnType<typeof createKeysSchema>;

function createKeysSchema(limits: ModelLimits) {
  return z
    .looseObject(
      {
        prompt: promptSchema(limits.maxPromptCharacters).optional(),
        image: imageSchema(limits.maxReferences).optional(),
        image_size: oneOf(limits.imageSizes, { title: 'Image size', description: 'Resolution of the picture.' }),
        aspect_ratio: oneOf(limits.aspectRatios, {
          title: 'Aspect ratio',
          description: limits.aspectRatios.includes(automaticRatio)
            ? 'Width to height of the picture. With `auto` the model decides: an edit keeps the ratio of the last picture that it is given. The size in pixels is then not promised.'
            : 'Width to height of the picture.',
        }),
        image_output_format: oneOf<AskedFormat>(askedFormats, {
          title: 'Output format',
          description:
            'Format of the stored picture. With `original`, the bytes of the model stay untouched, including their content credentials and their format.',
        }),
        image_output_compression: compressionSchema.optional(),
        number_of_images: countSchema(limits.maxImages),
        contents: contentsSchema.optional(),
        previous_request_id: z
          .string({ error: 'must be the id of an earlier request' })
          .max(100, { error: 'must be the id of an earlier request' })
          .optional()
          .meta({
            title: 'Previous request',
            description:
              'An earlier request of yours that succeeded: `prompt` then says what to change in its picture.',
          }),
        previous_image: z
          .int({ error: previousImageRule })
          .min(0, { error: previousImageRule })
          .max(99, { error: previousImageRule })
          .optional()
          .meta({
            title: 'Picture of the previous request',
            description:
              'Which picture of the previous request to change, if it made several: its place in `media_urls`, from 0. If left out, the first.',
          }),
        mask: maskSchema.optional(),
        ...toOptionalShape(limits),
      },
      { error: 'must be an object with the parameters of the model' },
    )
    .refine((payload) => payload.image_output_compression === undefined || hasQuality(payload.image_output_format), {
      path: ['image_output_compression'],
      error: 'only applies to JPEG and WebP: leave it out, or give image_output_format "jpeg" or "webp"',
    })
    .refine((payload) => payload.mask === undefined || payload.image_output_format !== originalFormat, {
      path: ['image_output_format'],
      error: 'cannot be "original" with mask: the picture of the model is combined with the original',
    })
    .refine(({ mask, image }) => mask === undefined || image !== undefined, {
      path: ['mask'],
      error: 'needs a picture in image, and neither contents nor previous_request_id',
    })
    .refine(({ mask, previous_request_id: previous }) => mask === undefined || previous === undefined, {
      path: ['mask'],
      error: 'cannot be combined with previous_request_id: give the picture in image',
    })
    .refine(({ mask, aspect_ratio: ratio }) => mask === undefined || ratio === automaticRatio, {
      path: ['aspect_ratio'],
      error: 'must be "auto" or left out with mask: the picture keeps the size of the first picture in image',
    })
    .refine((payload) => payload.background !== transparent || payload.image_output_format !== 'jpeg', {
      path: ['background'],
      error: 'cannot be "transparent" in a JPEG: leave it out, or give image_output_format "png" or "webp"',
    })
    .refine((payload) => payload.contents === undefined || payload.previous_request_id === undefined, {
      path: ['previous_request_id'],
      error: 'cannot be combined with contents: give one or the other',
    })
    .refine((payload) => payload.previous_image === undefined || payload.previous_request_id !== undefined, {
      path: ['previous_image'],
      error: 'needs previous_request_id, the request that made the picture',
    })
    .refine((payload) => payload.contents !== undefined || payload.prompt !== undefined, {
      path: ['prompt'],
      error: `is missing: ${promptRule(limits.maxPromptCharacters)}`,
      // Also when other keys are wrong: a caller hears everything at once.
      when: isObject,
    });
}

function hasQuality(format: AskedFormat): boolean {
  return format === 'jpeg' || format === 'webp';
}

function isObject({ value }: { readonly value: unknown }): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function toOptionalShape({ optionalParameters: taken, ...words }: ModelLimits): OptionalShape {
  const shape = createOptionalShape(words);
  // All of these keys are optional: a payload without those that are left out has the same type.
  return Object.fromEntries(taken.map((name) => [name, shape[name]])) as unknown as OptionalShape;
}

type OptionalShape = ReturnType<typeof createOptionalShape>;

export type PayloadSchema = KeysSchema;

/** A checked payload, with its defaults. */
export type Payload = z.output<PayloadSchema>;

/** A payload as a client writes it. */
export type PayloadInput = z.input<PayloadSchema>;

/**
 * Reads a payload as it was meant (`tolerate`), ready for its check. With a conversation, `prompt` and `image` do not count,
 * right or wrong. Optional parameters that were not filled in do not count either, whether the model takes them or not.
 */
export function readPayload(schema: PayloadSchema, given: unknown): unknown {
  const payload = tolerate(schema, given);
  if (!isObject({ value: payload })) return payload;
  const read = { ...(payload as Record<string, unknown>) }; // an object, as was looked at
  for (const name of optionalParameters) if (name in read && isNotSet(read[name])) delete read[name];
  for (const name of 'contents' in read ? ['prompt', 'image'] : []) delete read[name];
  if ('mask' in read && !('aspect_ratio' in read)) read['aspect_ratio'] = automaticRatio;
  return read;
}

const previousImageRule = 'must be the place of a picture in media_urls of the previous request, from 0 to 99';

const promptRule = (max: number) => `describe the picture in 1 to ${groupDigits(max)} characters`;

function promptSchema(max: number) {
  return z
    .string({ error: `must be a string: ${promptRule(max)}` })
    .superRefine((prompt, context) => {
      const length = countCodePoints(prompt);
      if (prompt.trim() === '') context.addIssue({ code: 'custom', message: `is empty: ${promptRule(max)}` });
      if (length > max) {
        context.addIssue({
          code: 'custom',
          message: `has ${groupDigits(length)} characters: ${promptRule(max)}`,
        });
      }
    })
    .meta({
      title: 'Prompt',
      description: 'Description of the picture. Required unless `contents` is given.',
      minLength: 1,
      maxLength: max,
    });
}

function imageSchema(max: number) {
  const error = (issue: { readonly input?: unknown }) => describeReferenceProblem(issue.input, max);
  return z
    .union([z.string(), z.array(z.string()).max(max)], { error })
    .refine((image) => [image].flat().every(isReference), { error })
    .meta({
      title: 'Reference pictures',
      description: `Up to ${max} reference pictures: http(s) URLs, data: URIs, bare base64 or gs:// URIs of PNG, JPEG, WebP, HEIC, HEIF, GIF, BMP, TIFF or AVIF pictures of at most 7 MB each.`,
    });
}

const maskSchema = z
  .string({ error: (issue) => describeReferenceProblem(issue.input, 1) })
  .refine(isReference, { error: (issue) => describeReferenceProblem(issue.input, 1) })
  .meta({
    title: 'Mask',
    description:
      'A PNG or WebP with an alpha channel and the size of the first picture in `image`, given in the same ways. The picture may change only where the mask is transparent; elsewhere, the original is put back pixel for pixel.',
  });

/** The first option is the default. */
function oneOf<const T extends string>(
  options: readonly T[],
  meta: { readonly title: string; readonly description: string },
) {
  const [first] = options;
  if (first === undefined) throw new Error(`${meta.title} has no options`);
  const listed = options.map((option) => `"${option}"`).join(', ');
  return z
    .enum(options, { error: (issue) => `must be one of ${listed}, not ${describeValue(issue.input)}` })
    .default(first)
    .meta(meta);
}

const compressionRule = 'must be a whole number from 1 to 100';

const compressionSchema = z
  .int({ error: compressionRule })
  .min(1, { error: compressionRule })
  .max(100, { error: compressionRule })
  .meta({
    title: 'Output compression',
    description:
      'The quality of a JPEG or WebP. 100 is the best. If given, a JPEG of the model is encoded again; if left out, its bytes stay as they are.',
  });

function countSchema(max: number) {
  const error = `must be a whole number from 1 to ${max}`;
  return z
    .int({ error })
    .min(1, { error })
    .max(max, { error })
    .default(1)
    .meta({ title: 'Number of images', description: 'How many pictures to make; each is one call to the model.' });
}

function countCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** A value as an error message may show it: short, on one line. */
function describeValue(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
