import { z } from 'zod';
import { turnSchema } from './contents.ts';
import { failureSchema } from './failures.ts';
import { standInSchema } from './stand-ins.ts';
import { tokenUsageSchema } from './token-usage.ts';

export const mediaUrlSchema = z
  .object({ id: z.string(), url: z.string() })
  .meta({ id: 'MediaUrl', description: 'One picture. It can be read at `url` without a key.' });

/** What is known about a picture besides its URL. */
export const mediaSchema = z
  .object({
    id: z.string(),
    content_type: z.string(),
    width: z.int(),
    height: z.int(),
    bytes: z.int(),
    sha256: z.string(),
    content_credentials: z.boolean().optional().meta({
      description:
        'Given, and true, when the bytes hold content credentials (C2PA). Pictures that were converted have none; `image_output_format: "original"` keeps those of the model.',
    }),
    thumbnail_url: z
      .string()
      .meta({ description: 'The picture as WebP, scaled to at most 512 pixels. It can be read without a key.' }),
    note: z.string().optional().meta({
      description: 'Given when the picture has a different size in pixels than requested, or a flaw.',
    }),
    error: failureSchema.optional().meta({
      description:
        'Given when the picture can no longer be read: with the code `media_lost` when the stored file is missing or cut off, with `media_deleted` when the picture has expired.',
    }),
  })
  .meta({ id: 'Media', description: 'Facts about the picture of the same `id` in `media_urls`.' });

/** Google's terms want the suggestions shown to whoever is shown the picture. */
export const groundingSchema = z
  .object({
    queries: z.array(z.string()).meta({ description: 'What was searched for. The upstream charges for each search.' }),
    sources: z.array(z.object({ url: z.string(), title: z.string().optional() })),
    suggestions_html: z.string().optional().meta({
      description:
        'The search suggestions as HTML, which Google wants shown with the picture. It is text from outside: show it in a sandboxed frame, or show `queries` as links.',
    }),
  })
  .meta({ id: 'Grounding', description: 'What the model looked up on Google before it drew.' });

export const successOutcomeSchema = z
  .looseObject({
    media_urls: z.array(mediaUrlSchema),
    next_turn_contents: z.array(turnSchema).meta({
      description:
        'To continue the conversation, copy this into `payload.contents` of the next request and fill in its last turn.',
    }),
    text: z.string().optional(),
    grounding: groundingSchema.optional(),
    model_version: z.string().optional(),
    stand_in: standInSchema.optional(),
    usage: tokenUsageSchema.optional(),
    cost_usd: z.number(),
    left_out_turns: z.array(z.int()).optional().meta({
      description: 'The indexes of the oldest turns that were not sent, because the whole conversation was too large.',
    }),
    reduced_references: z.int().optional().meta({
      description: 'How many references were scaled down before they were sent, because all together were too large.',
    }),
    moderation_flags: z
      .array(z.object({ about: z.enum(['request', 'picture']), reason: z.string() }))
      .optional()
      .meta({ description: 'What the moderation of this service flagged and let pass.' }),
    missing: z.array(failureSchema).optional(),
  })
  .meta({ id: 'SuccessOutcome' });

export const failureOutcomeSchema = z
  .looseObject({ error: failureSchema, cost_usd: z.number() })
  .meta({ id: 'FailureOutcome' });

export type SuccessOutcomeRecord = z.infer<typeof successOutcomeSchema>;
export type FailureOutcomeRecord = z.infer<typeof failureOutcomeSchema>;
export type GroundingRecord = z.infer<typeof groundingSchema>;
export type MediaRecord = z.infer<typeof mediaSchema>;
