import { z } from 'zod';
import { createInputProblem, parseTolerantly } from '../../core/parse-input.ts';
import { type AskedShape, toAskedShape, toKeptRatio } from '../asked-pixels.ts';
import type { DialectNames } from '../payload-names.ts';
import { toPayload } from '../payload-notes.ts';
import { type SafetyThreshold, toSafetySettings } from '../safety-levels.ts';
import type { NamedModel } from './model-names.ts';
import type { ReplicateNote } from './note.ts';

const text = z.string({ error: 'must be a string' }).optional();
const whole = z.int({ error: 'must be a whole number' }).optional();
const flag = z.boolean({ error: 'must be true or false' }).optional();
const off = z
  .literal(false, { error: 'is not possible here: leave it out' })
  .optional()
  .meta({ description: 'Accepted when false.' });

const thresholds = {
  block_low_and_above: 'BLOCK_LOW_AND_ABOVE',
  block_medium_and_above: 'BLOCK_MEDIUM_AND_ABOVE',
  block_only_high: 'BLOCK_ONLY_HIGH',
} as const satisfies Record<string, SafetyThreshold>;
const levels = Object.keys(thresholds) as (keyof typeof thresholds)[]; // the table's own keys

/** The inputs of Replicate's Gemini models, and those that the AI SDK adds. */
export const inputSchema = z.looseObject(
  {
    prompt: text,
    image_input: z.array(z.string(), { error: 'must be a list of addresses' }).optional(),
    image: text,
    aspect_ratio: text,
    resolution: text,
    size: z
      .string()
      .regex(/^[1-9]\d{0,4}x[1-9]\d{0,4}$/, { error: 'must be WIDTHxHEIGHT, such as 1024x1024' })
      .optional(),
    mask: text.meta({ description: 'A PNG or WebP with an alpha channel; the transparent area may change.' }),
    output_format: text,
    output_quality: whole,
    num_outputs: whole,
    seed: whole,
    safety_filter_level: z.enum(levels, { error: `must be one of ${levels.join(', ')}` }).optional(),
    google_search: flag,
    image_search: off,
    allow_fallback_model: off,
    thinking_level: text,
  },
  { error: 'must be an object with the inputs of the model' },
);

type Input = z.output<typeof inputSchema>;

/** The names of the inputs, by the keys of the payload that they become. */
export const inputNames: DialectNames = {
  root: 'input',
  payload: {
    image: 'image_input',
    image_size: 'resolution',
    image_output_format: 'output_format',
    image_output_compression: 'output_quality',
    number_of_images: 'num_outputs',
    safety_settings: 'safety_filter_level',
  },
  webhook: 'webhook',
};

export const matchInput = 'match_input_image';

/** The payload of an input. Throws the `Problem` of one that cannot be honoured. */
export function readInput(given: unknown, named: NamedModel & { readonly version: string | undefined }) {
  const input = parseTolerantly(inputSchema, given, 'input', { keys: [] });
  refuseOthers(input);
  const image = [...(input.image_input ?? []), ...(input.image === undefined ? [] : [input.image])];
  const shape = readSize(input, named);
  const ratio = input.aspect_ratio === matchInput ? undefined : input.aspect_ratio;
  return toPayload({
    prompt: input.prompt,
    image: image.length > 0 ? image : undefined,
    mask: input.mask,
    number_of_images: input.num_outputs,
    aspect_ratio: ratio ?? shape?.aspect_ratio ?? toKeptRatio(image, named.model.limits),
    image_size: input.resolution ?? shape?.image_size ?? named.resolution,
    image_output_format: input.output_format ?? 'jpg',
    image_output_compression: input.output_quality,
    seed: input.seed,
    safety_settings: toSafetySettings(input.safety_filter_level && thresholds[input.safety_filter_level]),
    google_search: input.google_search,
    thinking_level: input.thinking_level,
    replicate: toNote(input, named),
  });
}

function readSize({ size }: Input, { model }: NamedModel): AskedShape | undefined {
  if (size === undefined) return undefined;
  const [width = 1, height = 1] = size.split('x').map(Number);
  return toAskedShape({ width, height }, model.limits, 'input.size');
}

/** Inputs of other models, such as `guidance_scale`: what cannot be done is said. */
function refuseOthers(input: Input): void {
  const isOther = (key: string) =>
    !Object.hasOwn(inputSchema.shape, key) && input[key] !== undefined && input[key] !== null;
  const others = Object.keys(input).filter(isOther);
  if (others.length === 0) return;
  const message = 'is not an input of this model: leave it out';
  throw createInputProblem(others.map((key) => ({ path: `input.${key}`, message })));
}

function toNote(
  { prompt: _prompt, image_input: _pictures, image: _picture, mask: _mask, ...input }: Input,
  { name: model, version }: Parameters<typeof readInput>[1],
): ReplicateNote {
  return { model, ...(version !== undefined && { version }), input };
}
