import { z } from 'zod';
import { groupDigits } from './group-digits.ts';

/** What only some models take, beyond what every request can say. */
export const optionalParameters = [
  'system_instruction',
  'temperature',
  'top_p',
  'seed',
  'safety_settings',
  'thinking_level',
  'google_search',
  'quality',
  'background',
  'negative_prompt',
] as const;
export type OptionalParameter = (typeof optionalParameters)[number];

/** Source: Google's reference of `generateContent`. The categories of `HARM_CATEGORY_IMAGE_…` are Vertex AI's. */
export const safetyCategories = [
  'HARM_CATEGORY_HARASSMENT',
  'HARM_CATEGORY_HATE_SPEECH',
  'HARM_CATEGORY_SEXUALLY_EXPLICIT',
  'HARM_CATEGORY_DANGEROUS_CONTENT',
  'HARM_CATEGORY_CIVIC_INTEGRITY',
] as const;

/** From the strictest on. */
export const safetyThresholds = [
  'BLOCK_LOW_AND_ABOVE',
  'BLOCK_MEDIUM_AND_ABOVE',
  'BLOCK_ONLY_HIGH',
  'BLOCK_NONE',
  'OFF',
] as const;

/** A background with an alpha channel, which only some formats can hold. */
export const transparent = 'transparent';
const backgrounds = ['auto', 'opaque', transparent] as const;

/** Code points. */
const maxInstructionCharacters = 32_000;
const maxTemperature = 2;
export const minSeed = -(2 ** 31);
export const maxSeed = 2 ** 31 - 1;

/** The words of the parameters for which every model has its own. */
export interface OptionalWords {
  readonly thinkingLevels?: readonly string[] | undefined;
  readonly qualities?: readonly string[] | undefined;
}

/**
 * The schemas of all optional parameters; a model's payload has those that the model takes. Every message is the end of a sentence
 * that begins with the key's name.
 */
export function createOptionalShape({ thinkingLevels = [], qualities = [] }: OptionalWords) {
  return {
    system_instruction: instructionSchema.optional(),
    temperature: numberSchema(maxTemperature)
      .optional()
      .meta({ title: 'Temperature', description: 'How freely the model chooses. Google advises leaving it out.' }),
    top_p: numberSchema(1).optional().meta({
      title: 'Top P',
      description: 'The share of likely choices that the model considers. Google advises leaving it out.',
    }),
    seed: seedSchema.optional(),
    safety_settings: safetySchema.optional(),
    thinking_level: wordSchema(thinkingLevels)
      .optional()
      .meta({ title: 'Thinking level', description: 'How much the model thinks before it draws.' }),
    google_search: z.boolean({ error: 'must be true or false' }).optional().meta({
      title: 'Google search',
      description: 'Lets the model look up facts on Google first. The upstream charges for each search.',
    }),
    quality: wordSchema(qualities)
      .optional()
      .meta({
        title: 'Quality',
        description: `How carefully the picture is drawn. Better quality costs more. "${qualities[0]}" if left out.`,
      }),
    background: wordSchema(backgrounds).optional().meta({
      title: 'Background',
      description: 'A transparent background needs a format that can hold one, PNG or WebP.',
    }),
    negative_prompt: negativeSchema.optional(),
  };
}

const instructionRule = `must be a string of 1 to ${groupDigits(maxInstructionCharacters)} characters`;

const instructionSchema = z
  .string({ error: instructionRule })
  .refine((text) => [...text].length <= maxInstructionCharacters, { error: instructionRule })
  .meta({
    title: 'System instruction',
    description: 'Instructions that apply to every turn. They are not part of the conversation.',
    maxLength: maxInstructionCharacters,
  });

/** The model is given all of it. */
const maxNegativeCharacters = 32_000;
const negativeRule = `must be a string of 1 to ${groupDigits(maxNegativeCharacters)} characters`;

const negativeSchema = z
  .string({ error: negativeRule })
  .refine((text) => [...text].length <= maxNegativeCharacters, { error: negativeRule })
  .meta({
    title: 'Negative prompt',
    description: 'What the picture must not show.',
    maxLength: maxNegativeCharacters,
  });

function wordSchema<const T extends string>(words: readonly T[]) {
  return z.enum(words, { error: `must be one of ${words.map((word) => `"${word}"`).join(', ')}` });
}

function numberSchema(max: number) {
  const error = `must be a number from 0 to ${max}`;
  return z.number({ error }).min(0, { error }).max(max, { error });
}

const seedRule = `must be a whole number from ${minSeed} to ${maxSeed}`;

const seedSchema = z.int({ error: seedRule }).min(minSeed, { error: seedRule }).max(maxSeed, { error: seedRule }).meta({
  title: 'Seed',
  description:
    'The same request with the same seed gives a similar picture, as far as the model can. With several pictures, each one uses the next seed.',
});

const categoryRule = `must be one of ${safetyCategories.join(', ')}`;
const thresholdRule = `must be one of ${safetyThresholds.join(', ')}`;

const safetySchema = z
  .array(
    z.object(
      {
        category: z.enum(safetyCategories, { error: categoryRule }),
        threshold: z.enum(safetyThresholds, { error: thresholdRule }),
      },
      { error: 'must be an object {"category", "threshold"}' },
    ),
    { error: 'must be a list of objects {"category", "threshold"}' },
  )
  .refine((settings) => new Set(settings.map(({ category }) => category)).size === settings.length, {
    error: 'names a category twice',
  })
  .meta({
    title: 'Safety settings',
    description:
      'What the upstream blocks, by category, as in the Gemini API. Some rules of the upstream cannot be turned off.',
  });
