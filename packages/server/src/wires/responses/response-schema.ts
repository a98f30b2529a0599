import { z } from 'zod';

const text = z.string({ error: 'must be a string' });
const number = z.number({ error: 'must be a number' });
const flag = z.boolean({ error: 'must be true or false' });

const partSchema = z.looseObject(
  {
    type: text,
    text: text.nullish(),
    image_url: z.unknown().optional().meta({ description: 'An https URL or a `data:` URI.' }),
    file_id: text.nullish(),
  },
  { error: 'must be an object {"type", …}' },
);

/** An item of the input. Which fields it has depends on its type; a message may have none. */
const itemSchema = z.looseObject(
  {
    type: text.nullish(),
    role: z
      .enum(['system', 'developer', 'user', 'assistant'], {
        error: 'must be one of system, developer, user, assistant',
      })
      .nullish(),
    content: z.union([z.string(), z.array(partSchema)], { error: 'must be a string or a list of parts' }).nullish(),
    id: text.nullish(),
    result: text.nullish(),
    output: z.unknown().optional(),
  },
  { error: 'must be an item, an object' },
);

const oneOf = <const T extends string>(...words: readonly T[]) =>
  z.enum(words, { error: `must be one of ${words.join(', ')}` });

const foreign = (reason: string) => z.null({ error: reason }).optional();
const noMotion = foreign('is not supported: the models here make still pictures');

/** The tool that makes the pictures. Its other fields mean nothing here (docs/clients/responses.md). */
const imageToolSchema = z.looseObject({
  type: z.literal('image_generation'),
  action: oneOf('auto', 'generate', 'edit').nullish(),
  background: oneOf('opaque', 'auto', 'transparent').nullish(),
  model: text.nullish(),
  size: text.nullish(),
  quality: text.nullish(),
  aspect_ratio: text.nullish(),
  image_size: text.nullish(),
  output_format: oneOf('png', 'jpeg', 'webp').nullish(),
  output_compression: z.int({ error: 'must be a whole number' }).nullish(),
  input_image_mask: z
    .looseObject({ image_url: text.nullish(), file_id: text.nullish() }, { error: 'must be {"image_url"}' })
    .nullish(),
  complexity: foreign('is not supported: the models here make raster pictures'),
  svg: foreign('is not supported: the models here make raster pictures'),
  frame_count: noMotion,
  frame_duration_ms: noMotion,
});

const toolSchema = z.looseObject({ type: text }, { error: 'must be an object {"type", …}' });

/** The fields of the body that this wire reads; all others mean nothing to a picture (docs/clients/responses.md). */
export const responseBodySchema = z.looseObject(
  {
    model: text.nullish().meta({ description: 'A model or an alias. The model of the tool takes precedence.' }),
    input: z.union([z.string(), z.array(itemSchema)], { error: 'must be a string or a list of items' }),
    instructions: text.nullish(),
    previous_response_id: text.nullish(),
    tools: z.array(toolSchema, { error: 'must be a list of tools' }).nullish(),
    background: flag.nullish(),
    stream: flag.nullish(),
    metadata: z.record(z.string(), z.string(), { error: 'must be an object of strings' }).nullish(),
    temperature: number.nullish(),
    top_p: number.nullish(),
    text: z.looseObject({ format: z.looseObject({ type: text }).nullish() }, { error: 'must be an object' }).nullish(),
    conversation: foreign('is not supported: give previous_response_id, or the earlier items in input'),
    prompt: foreign('is not supported: there are no stored prompts here'),
  },
  { error: 'must be a JSON object' },
);

export type ResponseBody = z.output<typeof responseBodySchema>;
export type InputItem = Exclude<ResponseBody['input'], string>[number];
export type ImageTool = z.output<typeof imageToolSchema>;
export { imageToolSchema };
