import { z } from 'zod';

const text = z.string({ error: 'must be a string' });

/** A part of a message. Which fields it has depends on its type. */
const partSchema = z.looseObject(
  {
    type: text,
    text: text.nullish(),
    image_url: z.unknown().optional().meta({ description: '`{"url"}`: an https URL or a `data:` URI.' }),
  },
  { error: 'must be an object {"type", …}' },
);

const messageSchema = z.looseObject(
  {
    role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function'], {
      error: 'must be one of system, developer, user, assistant, tool, function',
    }),
    content: z.union([z.string(), z.array(partSchema)], { error: 'must be a string or a list of parts' }).nullish(),
    images: z
      .array(z.looseObject({ image_url: z.unknown().optional() }), { error: 'must be a list of {"type", "image_url"}' })
      .nullish()
      .meta({ description: 'On assistant messages: the pictures of an earlier answer, as they were sent.' }),
  },
  { error: 'must be an object {"role", "content"}' },
);

/** How the pictures are written in the answer. */
export const pictureForms = ['b64_json', 'url', 'markdown'] as const;
export type PictureForm = (typeof pictureForms)[number];

const outputFormats = ['png', 'jpeg', 'webp'] as const;

const imageConfigSchema = z.strictObject(
  {
    aspect_ratio: text.nullish(),
    image_size: text.nullish(),
    output_format: z
      .enum(outputFormats, { error: `must be one of ${outputFormats.join(', ')}` })
      .nullish()
      .meta({ description: '`jpeg` if left out.' }),
    response_format: z
      .enum(pictureForms, { error: `must be one of ${pictureForms.join(', ')}` })
      .nullish()
      .meta({
        description:
          '`b64_json`: pictures are `data:` URIs. `url`: they are URLs. `markdown`: URLs, which are also in the text of the message.',
      }),
  },
  {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys'
        ? `has ${(keys as readonly string[]).join(', ')}, which the models here do not accept` // zod says so of this code
        : 'must be an object',
  },
);

const number = z.number({ error: 'must be a number' });

/** The fields of the body that this wire reads; all others mean nothing to a picture (docs/clients/chat-completions.md). */
export const chatBodySchema = z.looseObject(
  {
    model: text.nullish().meta({ description: 'A model or an alias; the first model if left out.' }),
    messages: z.array(messageSchema, { error: 'must be a list of messages' }).min(1, { error: 'is empty' }),
    modalities: z.array(text, { error: 'must be a list of strings' }).nullish(),
    image_config: imageConfigSchema.nullish(),
    size: text.nullish(),
    quality: text.nullish(),
    n: z.int({ error: 'must be a whole number' }).nullish().meta({ description: 'Choices; each has a picture.' }),
    stream: z.boolean({ error: 'must be true or false' }).nullish(),
    stream_options: z.looseObject({ include_usage: z.boolean().nullish() }, { error: 'must be an object' }).nullish(),
    temperature: number.nullish(),
    top_p: number.nullish(),
    seed: number.nullish(),
    response_format: z.looseObject({ type: text }, { error: 'must be an object {"type"}' }).nullish(),
    web_search_options: z.looseObject({}, { error: 'must be an object' }).nullish(),
    audio: z.unknown().optional(),
  },
  { error: 'must be a JSON object' },
);

export type ChatBody = z.output<typeof chatBodySchema>;
export type ChatMessage = ChatBody['messages'][number];
