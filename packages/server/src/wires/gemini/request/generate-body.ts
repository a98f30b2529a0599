import { z } from 'zod';
import { contentsSchema, instructionSchema } from './contents.ts';
import { imageConfigSchema, responseFormatSchema } from './image-wish.ts';

const configSchema = z.looseObject({
  responseModalities: z
    .preprocess((given) => [given].flat(), z.array(z.string({ error: 'must be a text' })))
    .optional()
    .meta({ description: 'Left out: text and picture.' }),
  imageConfig: imageConfigSchema.optional(),
  responseFormat: responseFormatSchema.optional(),
  candidateCount: z
    .number({ error: 'must be a number' })
    .optional()
    .meta({ description: 'How many pictures; each is one call of the model.' }),
  seed: z.number({ error: 'must be a number' }).optional(),
  temperature: z.number({ error: 'must be a number' }).optional(),
  topP: z.number({ error: 'must be a number' }).optional(),
  thinkingConfig: z
    .looseObject({
      thinkingLevel: z.string({ error: 'must be a text' }).optional(),
      thinkingBudget: z.number({ error: 'must be a number' }).optional(),
      includeThoughts: z.boolean({ error: 'must be true or false' }).optional(),
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
            category: z.string({ error: 'must be a text' }).optional(),
            threshold: z.string({ error: 'must be a text' }).optional(),
          }),
        )
        .optional(),
      tools: z
        .preprocess((given) => [given].flat(), z.array(z.record(z.string({ error: 'must be a text' }), z.unknown())))
        .optional()
        .meta({ description: '`googleSearch` is used. Functions are accepted, and never called.' }),
      serviceTier: z.string({ error: 'must be a text' }).optional(),
    },
    { error: 'must be an object with "contents"' },
  )
  .meta({ id: 'GeminiGenerateContent' });

export type GenerateBody = z.output<typeof generateBodySchema>;
export type GenerationConfig = z.output<typeof configSchema>;
