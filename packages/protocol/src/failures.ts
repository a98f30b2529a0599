import { z } from 'zod';

export const failureSchema = z
  .looseObject({
    code: z.string(),
    message: z.string(),
    retryable: z.boolean(),
    blame: z.enum(['caller', 'upstream', 'operator']),
    upstream_status: z.int().optional(),
    upstream_message: z.string().optional(),
    finish_reason: z.string().optional(),
    block_reason: z.string().optional(),
    model_text: z.string().optional(),
    moderation_flag: z.string().optional(),
  })
  .meta({ id: 'Failure', description: 'Why there is no picture.' });

export type FailureRecord = z.infer<typeof failureSchema>;
