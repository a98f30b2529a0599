import { groupDigits, optionalParameters, serviceTiers } from '@darkroom/protocol';
import { z } from 'zod';
import { fallbackSchema } from './fallback-setting.ts';
import { parseJson } from './json-setting.ts';

const shape = 'must be a JSON list of models, e.g. [{"id": "flux", "provider": "openai", "sizes": ["1K"]}]';
const maxModels = 200;

const modelNameRule = { error: 'must be a name of 1 to 100 characters without spaces and commas' };
const modelName = z.string(modelNameRule).regex(/^[^\s,=]{1,100}$/, modelNameRule);

const wordsRule = { error: 'must be a list of 1 to 50 different words of at most 20 characters' };
const words = z
  .array(z.string(wordsRule).regex(/^\S{1,20}$/, wordsRule), wordsRule)
  .min(1, wordsRule)
  .max(50, wordsRule)
  .refine((list) => new Set(list).size === list.length, wordsRule);

const count = (min: number, max: number) => {
  const error = `must be a whole number from ${groupDigits(min)} to ${groupDigits(max)}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
};

const dollarsRule = { error: 'must be a number of dollars from 0 to 10,000' };
const dollars = z.number(dollarsRule).min(0, dollarsRule).max(10_000, dollarsRule);

const textRule = (max: number) => ({ error: `must be a string of 1 to ${groupDigits(max)} characters` });
const text = (max: number) => z.string(textRule(max)).min(1, textRule(max)).max(max, textRule(max));

const dayRule = { error: 'must be a day, e.g. 2027-03-31' };

const pixelsRule = { error: 'must be pixels, e.g. "1024x768", each from 16 to 16,384' };
const pixels = z
  .string(pixelsRule)
  .regex(/^\d{2,5}x\d{2,5}$/, pixelsRule)
  .transform((given) => {
    const [width = 0, height = 0] = given.split('x').map(Number);
    return { width, height };
  })
  .refine((sides) => Object.values(sides).every((side) => side >= 16 && side <= 16_384), pixelsRule);

const pixelsTableRule = { error: 'must give pixels by size and ratio, e.g. {"1K": {"1:1": "1024x1024"}}' };
const pixelsTable = z.record(z.string(), z.record(z.string(), pixels, pixelsTableRule), pixelsTableRule);

const perImageRule = { error: 'must be dollars a picture from 0 to 10,000, or an object of them by size' };
const perTokenRule = { error: 'must be an object {"prompt", "text", "image"} of dollars for a million tokens' };
const bySizeRule = { error: 'must be an object of whole numbers by size, e.g. {"1K": 1120}' };

const factorRule = { error: 'must be a number from 0 to 100, e.g. 0.5 for half the price' };
const factor = z.number(factorRule).min(0, factorRule).max(100, factorRule);
const otherTiers = serviceTiers.filter((tier) => tier !== 'standard');
const tiersRule = { error: `must be an object of multiples of the price, by ${otherTiers.join(', ')}` };

const parametersRule = { error: `must be a list of some of ${optionalParameters.join(', ')}` };

/** All keys but `id` may be missing: an entry of a built-in model changes what it says, and another one is added. */
const modelShape = {
  id: modelName,
  /** Needed by models that are added. */
  provider: z.string({ error: 'must be the name of a provider' }).optional(),
  /** The provider's id; missing: `id`. */
  upstream_id: modelName.optional(),
  display_name: text(100).optional(),
  description: text(2_000).optional(),
  sizes: words.optional(),
  aspect_ratios: words.optional(),
  /** Pixels by size and ratio. Sizes and ratios that are not listed elsewhere are those of this table. */
  pixels: pixelsTable.optional(),
  max_references: count(0, 100).optional(),
  max_prompt_characters: count(1, 1_000_000).optional(),
  max_images: count(1, 100).optional(),
  /** The optional parameters of the payload that it takes, e.g. `seed`. */
  parameters: z.array(z.enum(optionalParameters, parametersRule), parametersRule).optional(),
  thinking_levels: words.optional(),
  qualities: words.optional(),
  takes_mask: z.boolean({ error: 'must be true or false' }).optional(),
  price_per_image: z.union([dollars, z.record(z.string(), dollars)], perImageRule).optional(),
  price_per_million_tokens: z
    .strictObject({ prompt: dollars, text: dollars, image: dollars }, perTokenRule)
    .partial()
    .optional(),
  /** Tokens of one picture made, by its size. */
  image_tokens: z.record(z.string(), count(0, 1_000_000), bySizeRule).optional(),
  reference_tokens: count(0, 1_000_000).optional(),
  price_per_search: dollars.optional(),
  /** What a picture costs in the other service tiers, as a multiple of its price. */
  tiers: z.partialRecord(z.enum(otherTiers), factor, tiersRule).optional(),
  timeout_seconds: count(1, 86_400).optional(),
  retires_on: z.iso.date(dayRule).optional(),
  aliases: z.array(modelName, { error: 'must be a list of names' }).max(100).optional(),
  /** Which models are called instead of it, and when. */
  fallback: fallbackSchema.optional(),
  hidden: z.boolean({ error: 'must be true or false' }).optional(),
};

const modelKeys = Object.keys(modelShape);

const modelSchema = z
  .strictObject(modelShape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `has the unknown ${issue.keys.length === 1 ? 'key' : 'keys'} ${issue.keys.join(', ')}; the keys are ${modelKeys.join(', ')}`
        : 'must be an object with an id',
  })
  .refine((model) => model.price_per_image === undefined || model.price_per_million_tokens === undefined, {
    path: ['price_per_image'],
    error: 'cannot be combined with price_per_million_tokens: give one or the other',
  });

/** An entry of `DARKROOM_MODELS`. */
export type ModelSetting = z.output<typeof modelSchema>;

/** Reads `DARKROOM_MODELS`: JSON text in the environment, a list in the file. No message contains a value. */
export const modelsSchema = z
  .preprocess(
    parseJson,
    z
      .array(modelSchema, { error: shape })
      .max(maxModels, { error: `must have at most ${maxModels} models` })
      .superRefine((models, context) => {
        const ids = models.map(({ id }) => id);
        ids.forEach((id, index) => {
          if (ids.indexOf(id) < index)
            context.addIssue({ code: 'custom', path: [index, 'id'], message: 'must be unique: another entry has it' });
        });
      }),
  )
  .default([]);
