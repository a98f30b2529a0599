import { z } from 'zod';
import { contentsSchema, instructionSchema } from './contents.ts';
import { imageConfigSchema, responseFormatSchema } from './image-wish.ts';

const configSchema = z.looseObject({
  responseModalities: z
    .preprocess((given) => [given].flat(), z.array(z.string()))
    .optional()
    .meta({ description: 'Left out: text and picture.' }),
  imageConfig: imageConfigSchema.optional(),
  responseFormat: responseFormatSchema.optional(),
  candidateCount: z.number().optional().meta({ description: 'How many pictures; each is one call of the model.' }),
  seed: z.number().optional(),
  temperature: z.number().optional(),
  topP: z.number().optional(),
  thinkingConfig: z
    .looseObject({
      thinkingLevel: z.string().optional(),
      thinkingBudget: z.number().optional(),
      includeThoughts: z.boolean().optional(),
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
        .array(z.looseObject({ category: z.string().optional(), threshold: z.string().optional() }))
        .optional(),
      tools: z
        .preprocess((given) => [given].flat(), z.array(z.record(z.string(), z.unknown())))
        .optional()
        .meta({ description: '`googleSearch` is used. Functions are accepted, and never called.' }),
      serviceTier: z.string().optional(),
    },
    { error: 'must be an object with "contents"' },
  )
  .meta({ id: 'GeminiGenerateContent' });

export type GenerateBody = z.output<typeof generateBodySchema>;
export type GenerationConfig = z.output<typeof configSchema>;
