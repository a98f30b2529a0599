import { tierChoiceSchema } from '@darkroom/protocol';
import { z } from 'zod';
import type { Names } from '../../core/names.ts';

const config = () =>
  z.strictObject(
    {
      image_config: z
        .strictObject({ aspect_ratio: word().optional(), image_size: word().optional() }, { error: describeWrong })
        .optional()
        .meta({ description: 'Deprecated by Google: `response_format` has the same keys, which take precedence.' }),
      temperature: z.number({ error: 'must be a number' }).optional(),
      top_p: z.number({ error: 'must be a number' }).optional(),
      seed: z.int({ error: 'must be a whole number' }).optional(),
      thinking_level: word().optional(),
      thinking_summaries: word().optional().meta({ description: 'Ignored: thoughts are not shown.' }),
      tool_choice: z.unknown().optional().meta({ description: 'Ignored.' }),
      max_output_tokens: refused('is not supported: the number of tokens depends on the size of the picture'),
      stop_sequences: refused('is not supported: a picture has no text to stop at'),
      speech_config: refused('is not supported: this service makes pictures'),
      transcription_config: refused('is not supported: this service makes pictures'),
      video_config: refused('is not supported: this service makes pictures'),
    },
    { error: describeWrong },
  );

const webhook = () =>
  z.strictObject(
    {
      uris: z
        .array(z.string({ error: 'must be a URL' }), { error: 'must be a list with one URL' })
        .max(1, { error: 'has more than one URL: give one, and register the others as webhook endpoints' })
        .optional(),
      user_metadata: z.record(z.string(), z.unknown(), { error: 'must be an object' }).optional(),
    },
    { error: describeWrong },
  );

const safetySetting = () =>
  z.strictObject(
    { type: word(), threshold: word(), method: refused('is not supported: leave it out') },
    { error: describeWrong },
  );

const tool = () =>
  z.looseObject({ type: word(), search_types: z.array(word()).optional() }, { error: 'must be an object with a type' });

/** The body of `POST /v1beta/interactions`: Google's, as far as it means something to a picture. */
export const createBodySchema = z.strictObject(
  {
    model: z.string({ error: 'must be the id of a model' }),
    input: z.unknown().optional().meta({
      description: 'A text, a content, a list of contents (`text`, `image`), or the steps of a conversation.',
    }),
    previous_interaction_id: z
      .string({ error: 'must be the id of an earlier interaction' })
      .optional()
      .meta({ description: 'An earlier interaction that is completed. `input` says what to change in its picture.' }),
    system_instruction: z.string({ error: 'must be a string' }).optional(),
    response_format: z.unknown().optional().meta({
      description: 'One or a list of `{"type": "image", "aspect_ratio", "image_size", "mime_type", "delivery"}`.',
    }),
    response_modalities: z
      .array(z.enum(['image', 'text'], { error: 'must be "image" or "text"' }), { error: 'must be a list' })
      .refine((given) => given.includes('image'), { error: 'must contain "image": this service makes pictures' })
      .optional()
      .meta({ description: 'Without `text`, what the model says is left out of the answer.' }),
    generation_config: config().optional(),
    safety_settings: z.array(safetySetting(), { error: 'must be a list' }).optional(),
    tools: z
      .array(tool(), { error: 'must be a list' })
      .optional()
      .meta({ description: '`google_search` is used. The others do not apply to pictures and are ignored.' }),
    service_tier: tierChoiceSchema.optional(),
    labels: z.record(z.string(), z.string(), { error: 'must be an object of strings' }).optional(),
    webhook_config: webhook().optional(),
    store: z.literal(true, { error: 'cannot be false: every request is stored here, with its pictures' }).optional(),
    background: z.boolean({ error: 'must be true or false' }).optional(),
    stream: z.boolean({ error: 'must be true or false' }).optional(),
    agent: refused('is not supported: there are no agents here, so name a model'),
    agent_config: refused('is not supported: there are no agents here'),
    cached_content: refused('is not supported: there is no explicit caching here'),
    continuation_token: refused('is not supported: an interaction has one answer here'),
    environment: refused('is not supported: nothing runs in an environment here'),
    response_mime_type: refused('is not supported: give response_format with a mime_type'),
  },
  { error: describeWrong },
);

export type CreateBody = z.output<typeof createBodySchema>;

/** The texts of the body that are names; the others are for the model. */
export const bodyNames: Names = { keys: ['model', 'previous_interaction_id', 'labels'] };

/** One entry of `response_format`. */
export const formatSchema = z.discriminatedUnion(
  'type',
  [
    z.strictObject(
      {
        type: z.literal('image'),
        mime_type: word().optional(),
        aspect_ratio: word().optional(),
        image_size: word().optional(),
        delivery: z.enum(['inline', 'uri'], { error: 'must be "inline" or "uri"' }).optional(),
      },
      { error: describeWrong },
    ),
    z.strictObject(
      { type: z.literal('text'), mime_type: z.literal('text/plain', { error: 'must be text/plain' }).optional() },
      { error: describeWrong },
    ),
  ],
  { error: 'must be an object of the type "image" or "text"' },
);

export type ImageFormat = Extract<z.output<typeof formatSchema>, { readonly type: 'image' }>;

/** A word that the model's own rules check. */
function word() {
  return z.string({ error: 'must be a string' });
}

/** A key that has no meaning here; the message is the end of a sentence that begins with it. */
function refused(message: string) {
  return z.never({ error: message }).optional();
}

function describeWrong(issue: z.core.$ZodRawIssue): string {
  if (issue.code !== 'unrecognized_keys') return 'must be an object';
  return `has ${issue.keys.map((key) => `"${key}"`).join(' and ')}, which is not supported here`;
}
