import { z } from 'zod';

/** A picture that a client sends: its bytes as base64, or its address. */
const fileSchema = z.discriminatedUnion(
  'type',
  [
    z.object({
      type: z.literal('file'),
      data: z.string({ error: 'must be the base64 of a picture' }),
      mediaType: z.string({ error: 'must be a type such as image/png' }).optional(),
    }),
    z.object({ type: z.literal('url'), url: z.string({ error: 'must be a URL' }) }),
  ],
  { error: 'must be {"type": "file", "data", "mediaType"} or {"type": "url", "url"}' },
);

export type SentFile = z.output<typeof fileSchema>;

const options = () => z.record(z.string(), z.unknown(), { error: 'must be an object' });

/** The options of Google's provider, as `generateImage` takes them. */
const googleOptions = z.strictObject(
  {
    imageConfig: z
      .strictObject({ aspectRatio: z.string().optional(), imageSize: z.string().optional() }, { error: describeWrong })
      .optional(),
    googleSearch: z.unknown().optional(),
    safetySettings: z.unknown().optional(),
    thinkingConfig: z
      .strictObject(
        { thinkingLevel: z.string().optional(), includeThoughts: z.boolean().optional() },
        { error: describeWrong },
      )
      .optional(),
    responseModalities: z.unknown().optional(),
  },
  { error: describeWrong },
);

/** The body of `POST …/image-model`; the model is in the header `ai-model-id`. */
export const imageBodySchema = z.strictObject(
  {
    prompt: z.string({ error: 'must be a string' }).optional(),
    n: z.int({ error: 'must be a whole number' }).optional(),
    size: z.string({ error: 'must be WIDTHxHEIGHT' }).optional(),
    aspectRatio: z.string({ error: 'must be WIDTH:HEIGHT' }).optional(),
    seed: z.int({ error: 'must be a whole number' }).optional(),
    files: z.array(fileSchema, { error: 'must be a list of pictures' }).optional(),
    mask: fileSchema.optional(),
    providerOptions: z
      .looseObject(
        {
          google: googleOptions.optional(),
          darkroom: options()
            .optional()
            .meta({ description: 'Keys of the payload of a request, as the queue API names them.' }),
          gateway: options().optional().meta({ description: 'Ignored: there is nothing to route here.' }),
        },
        { error: 'must be an object' },
      )
      .optional(),
  },
  { error: describeWrong },
);

export type ImageBody = z.output<typeof imageBodySchema>;

function describeWrong(issue: z.core.$ZodRawIssue): string {
  if (issue.code !== 'unrecognized_keys') return 'must be an object';
  return `has ${issue.keys.map((key) => `"${key}"`).join(' and ')}, which is not supported here`;
}
