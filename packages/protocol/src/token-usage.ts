import { z } from 'zod';

export const tokenUsageSchema = z
  .object({
    prompt_tokens: z.int(),
    image_tokens: z.int(),
    text_tokens: z.int(),
    thought_tokens: z.int(),
    total_tokens: z.int(),
  })
  .meta({ id: 'Usage', description: 'The tokens that the model counted.' });

export type TokenUsageRecord = z.infer<typeof tokenUsageSchema>;
