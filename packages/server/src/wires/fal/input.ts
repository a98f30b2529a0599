import { z } from 'zod';
import { createInputProblem, parseTolerantly } from '../../core/parse-input.ts';
import { type AskedShape, toAskedShape, toKeptRatio } from '../asked-pixels.ts';
import type { DialectNames } from '../payload-names.ts';
import { toPayload } from '../payload-notes.ts';
import { type SafetyThreshold, toSafetySettings } from '../safety-levels.ts';
import type { Endpoint } from './endpoints.ts';
import type { FalNote } from './note.ts';

const text = z.string({ error: 'must be a string' }).optional();
const flag = z.boolean({ error: 'must be true or false' }).optional();
const side = z.number({ error: 'must be a number of pixels' }).positive({ error: 'must be a number of pixels' });

/** The inputs of fal's Gemini endpoints, and those that the AI SDK adds. */
export const inputSchema = z.looseObject(
  {
    prompt: text,
    num_images: z.int({ error: 'must be a whole number' }).optional(),
    aspect_ratio: text,
    resolution: text,
    image_size: z
      .union([z.string(), z.object({ width: side, height: side })], { error: 'must be a name or {"width", "height"}' })
      .optional(),
    image_urls: z.array(z.string(), { error: 'must be a list of addresses' }).optional(),
    image_url: text,
    mask_url: text.meta({ description: 'A PNG or WebP with an alpha channel; the transparent area may change.' }),
    output_format: text,
    seed: z.int({ error: 'must be a whole number' }).optional(),
    safety_tolerance: z
      .union([z.string(), z.number()])
      .transform(String)
      .pipe(z.enum(['1', '2', '3', '4', '5', '6'], { error: 'must be one of 1, 2, 3, 4, 5, 6' }))
      .optional(),
    sync_mode: flag,
    enable_web_search: flag,
    thinking_level: text,
    limit_generations: flag.meta({ description: 'Has no effect: each picture has its own call.' }),
  },
  { error: 'must be an object with the inputs of the endpoint' },
);

type Input = z.output<typeof inputSchema>;

export const inputNames: DialectNames = {
  payload: {
    number_of_images: 'num_images',
    image: 'image_urls',
    mask: 'mask_url',
    image_size: 'resolution',
    image_output_format: 'output_format',
    google_search: 'enable_web_search',
    safety_settings: 'safety_tolerance',
  },
  webhook: 'fal_webhook',
};

const thresholds: Readonly<Record<NonNullable<Input['safety_tolerance']>, SafetyThreshold>> = {
  1: 'BLOCK_LOW_AND_ABOVE',
  2: 'BLOCK_LOW_AND_ABOVE',
  3: 'BLOCK_MEDIUM_AND_ABOVE',
  4: 'BLOCK_ONLY_HIGH',
  5: 'BLOCK_ONLY_HIGH',
  6: 'BLOCK_NONE',
};

interface Context {
  readonly endpoint: Endpoint;
  readonly startTimeoutSeconds: number | undefined;
}

/** The payload of an input. Throws the `Problem` of one that cannot be honoured. */
export function readInput(body: unknown, { endpoint, startTimeoutSeconds }: Context) {
  const input = parseTolerantly(inputSchema, body, '', { keys: [] });
  refuseOthers(input);
  const image = [...(input.image_urls ?? []), ...(input.image_url === undefined ? [] : [input.image_url])];
  if (endpoint.isEdit && image.length === 0)
    throw createInputProblem([{ path: 'image_urls', message: 'is missing: give the pictures to edit' }]);
  const shape = readSize(input.image_size, endpoint);
  const note: FalNote = { endpoint: endpoint.name, sync_mode: input.sync_mode, start_timeout: startTimeoutSeconds };
  return toPayload({
    prompt: input.prompt,
    image: image.length > 0 ? image : undefined,
    mask: input.mask_url,
    number_of_images: input.num_images,
    aspect_ratio: input.aspect_ratio ?? shape?.aspect_ratio ?? toKeptRatio(image, endpoint.model.limits),
    image_size: input.resolution ?? shape?.image_size,
    image_output_format: input.output_format,
    seed: input.seed,
    safety_settings: toSafetySettings(input.safety_tolerance && thresholds[input.safety_tolerance]),
    google_search: input.enable_web_search,
    thinking_level: input.thinking_level,
    fal: note,
  });
}

/** Inputs of other models, such as `guidance_scale`: what cannot be done is said. */
function refuseOthers(input: Input): void {
  const others = Object.keys(input).filter(
    (key) => !Object.hasOwn(inputSchema.shape, key) && input[key] !== undefined && input[key] !== null,
  );
  if (others.length > 0)
    throw createInputProblem(
      others.map((path) => ({ path, message: 'is not an input of this endpoint: leave it out' })),
    );
}

/** fal's names of sizes: a ratio, and how large. */
const namedSizes: ReadonlyMap<string, readonly [ratio: string, size: string]> = new Map([
  ['square_hd', ['1:1', '1K']],
  ['square', ['1:1', '1K']],
  ['portrait_4_3', ['3:4', '1K']],
  ['portrait_16_9', ['9:16', '1K']],
  ['landscape_4_3', ['4:3', '1K']],
  ['landscape_16_9', ['16:9', '1K']],
]);

function readSize(size: Input['image_size'], { model }: Endpoint): AskedShape | undefined {
  if (size === undefined) return undefined;
  if (typeof size === 'string') {
    const [aspect_ratio, image_size] = namedSizes.get(size) ?? [];
    if (aspect_ratio !== undefined && image_size !== undefined) return { aspect_ratio, image_size };
    const names = [...namedSizes.keys()].join(', ');
    throw createInputProblem([{ path: 'image_size', message: `must be {"width", "height"} or one of ${names}` }]);
  }
  return toAskedShape(size, model.limits, 'image_size');
}
