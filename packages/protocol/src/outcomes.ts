import { z } from 'zod';
import { turnSchema } from './contents.ts';
import { failureSchema } from './failures.ts';
import { tokenUsageSchema } from './token-usage.ts';

export const mediaUrlSchema = z
  .object({ id: z.string(), url: z.string() })
  .meta({ id: 'MediaUrl', description: 'One picture; readable at `url` without a key.' });

/** What is known of a picture beside its URL. */
export const mediaSchema = z
  .object({
    id: z.string(),
    content_type: z.string(),
    width: z.int(),
    height: z.int(),
    bytes: z.int(),
    sha256: z.string(),
    thumbnail_url: z
      .string()
      .meta({ description: 'The picture at 512 pixels at most, as WebP; readable without a key.' }),
    note: z.string().optional().meta({
      description: 'Says so when the model made other pixels than were asked for, or when the picture has a flaw.',
    }),
    error: failureSchema
      .optional()
      .meta({ description: 'Says so, as `media_lost`, when the stored file is gone or cut off.' }),
  })
  .meta({ id: 'Media', description: 'Facts about the picture of the same `id` in `media_urls`.' });

export const successOutcomeSchema = z
  .looseObject({
    media_urls: z.array(mediaUrlSchema),
    next_turn_contents: z.array(turnSchema).meta({
      description: 'Copy it into `payload.contents` of the next request, and fill in its last turn.',
    }),
    text: z.string().optional(),
    model_version: z.string().optional(),
    usage: tokenUsageSchema.optional(),
    cost_usd: z.number(),
    left_out_turns: z
      .array(z.int())
      .optional()
      .meta({ description: 'The indexes of the oldest turns, when the whole conversation was too large to be sent.' }),
    reduced_references: z
      .int()
      .optional()
      .meta({ description: 'How many references were sent smaller than they are, since all together were too large.' }),
    missing: z.array(failureSchema).optional(),
  })
  .meta({ id: 'SuccessOutcome' });

export const failureOutcomeSchema = z
  .looseObject({ error: failureSchema, cost_usd: z.number() })
  .meta({ id: 'FailureOutcome' });

export type SuccessOutcomeRecord = z.infer<typeof successOutcomeSchema>;
export type FailureOutcomeRecord = z.infer<typeof failureOutcomeSchema>;
export type MediaRecord = z.infer<typeof mediaSchema>;
