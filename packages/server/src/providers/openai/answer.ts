import { BrokenString, SpooledString } from '@darkroom/json-stream';
import { z } from 'zod';
import type { Usage } from '../../core/usage.ts';
import { wordSchema } from '../upstream-text.ts';

/** A 200 of the images calls, as far as the service uses it. */
export interface OpenaiAnswer {
  readonly pictures: readonly GivenPicture[];
  readonly usage: Usage | undefined;
  /** The media type that the answer states, if it does. */
  readonly mimeType: string | undefined;
}

/** A picture as it came: its bytes in a file, an address, or something that is neither. */
export type GivenPicture =
  | { readonly kind: 'file'; readonly data: SpooledString }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'broken' };

/** More than any model returns, and few enough for a row and a page. */
const maxPictures = 32;
const maxUrlLength = 4_000;

const pictureSchema = z
  .object({
    b64_json: z
      .union([z.instanceof(SpooledString), z.instanceof(BrokenString)])
      .optional()
      .catch(undefined),
    url: z.string().max(maxUrlLength).optional().catch(undefined),
  })
  .catch({});

/** Twice what the largest model reads and writes in one call. */
const maxTokens = 2 ** 22;
const count = z.number().int().min(0).max(maxTokens).nullish();
const details = z.object({ image_tokens: count, text_tokens: count }).nullish();

/** All numbers or none: when one cannot be true, none is trusted. Engines that count nothing send zeros, or nothing. */
const usageSchema = z
  .object({
    input_tokens: count,
    input_tokens_details: details,
    output_tokens: count,
    output_tokens_details: details,
    total_tokens: count,
  })
  .transform(toUsage)
  .refine(({ promptTokens, promptImageTokens = 0 }) => promptImageTokens <= promptTokens)
  .refine((usage) => Object.values(usage).some((number) => number > 0));

/** Lenient: values that are missing or have another shape are left out, since they must not cost a picture that was paid for. */
const answerSchema = z.object({
  data: z.array(pictureSchema),
  output_format: wordSchema,
  usage: usageSchema.optional().catch(undefined),
});

/** `undefined` when the value is no answer at all. */
export function parseAnswer(value: unknown): OpenaiAnswer | undefined {
  const { data: answer } = answerSchema.safeParse(value);
  if (!answer) return undefined;
  return {
    pictures: answer.data.slice(0, maxPictures).flatMap(toGivenPicture),
    usage: answer.usage,
    mimeType: answer.output_format === undefined ? undefined : `image/${answer.output_format}`,
  };
}

function toGivenPicture({ b64_json: data, url }: z.infer<typeof pictureSchema>): readonly GivenPicture[] {
  if (data instanceof BrokenString) return [{ kind: 'broken' }];
  if (data && data.file.bytes > 0) return [{ kind: 'file', data }];
  return url ? [{ kind: 'url', url }] : [];
}

type Details = z.infer<typeof details>;

function toUsage(counted: {
  readonly input_tokens?: number | null | undefined;
  readonly input_tokens_details?: Details;
  readonly output_tokens?: number | null | undefined;
  readonly output_tokens_details?: Details;
  readonly total_tokens?: number | null | undefined;
}): Usage {
  const promptTokens = counted.input_tokens ?? 0;
  const promptImageTokens = counted.input_tokens_details?.image_tokens ?? undefined;
  const output = counted.output_tokens ?? 0;
  // Without details, everything that came out is a picture.
  const imageTokens = counted.output_tokens_details?.image_tokens ?? output;
  return {
    promptTokens,
    ...(promptImageTokens !== undefined && { promptImageTokens }),
    imageTokens,
    textTokens: Math.max(0, output - imageTokens),
    thoughtTokens: 0,
    totalTokens: counted.total_tokens ?? promptTokens + output,
  };
}
