import { z } from 'zod';
import { contentsSchema, instructionSchema } from './contents.ts';
import { imageConfigSchema, responseFormatSchema } from './image-wish.ts';
import { flag, number, text } from './values.ts';

const configSchema = z.looseObject({
  responseModalities: z
    .preprocess((given) => [given].flat(), z.array(text))
    .optional()
    .meta({ description: 'If left out: text and picture.' }),
  imageConfig: imageConfigSchema.optional(),
  responseFormat: responseFormatSchema.optional(),
  candidateCount: z
    .number({ error: 'must be a number' })
    .optional()
    .meta({ description: 'How many pictures; each is one call of the model.' }),
  seed: number.optional(),
  temperature: number.optional(),
  topP: number.optional(),
  thinkingConfig: z
    .looseObject({
      thinkingLevel: text.optional(),
      thinkingBudget: number.optional(),
      includeThoughts: flag.optional(),
    })
    .optional(),
});

/** The body of `generateContent`, in camelCase. */
export const generateBodySchema = z
  .looseObject(
    {
      contents: contentsSchema,
      systemInstruction: instructionSchema.optional(),
      generationConfig: configSchema.optional(),
      safetySettings: z
        .array(
          z.looseObject({
            category: text.optional(),
            threshold: text.optional(),
          }),
        )
        .optional(),
      tools: z
        .preprocess((given) => [given].flat(), z.array(z.record(text, z.unknown())))
        .optional()
        .meta({ description: '`googleSearch` is used. Functions are accepted but never called.' }),
      serviceTier: text.optional(),
    },
    { error: 'must be an object with "contents"' },
  )
  .meta({ id: 'GeminiGenerateContent' });

export type GenerateBody = z.output<typeof generateBodySchema>;
export type GenerationConfig = z.output<typeof configSchema>;
