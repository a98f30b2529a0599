import { z } from 'zod';
import { turnSchema } from './contents.ts';
import { requestStatuses, requestStatusSchema } from './statuses.ts';

const seconds = z.int().meta({ description: 'Unix time in whole seconds.' });

/** The body of a submit. The payload's own schema depends on the model. */
export const submitBodySchema = z.looseObject(
  {
    model: z.string({ error: 'must be the id of a model, e.g. "gemini-3-pro-image-preview"' }),
    payload: z.record(z.string(), z.unknown(), { error: 'must be an object with the parameters of the model' }),
  },
  { error: 'must be a JSON object {"model": …, "payload": {…}}' },
);

export const submitReplySchema = z
  .object({
    request_id: z.string(),
    model: z.string(),
    status: requestStatusSchema,
    created_at: seconds,
    updated_at: seconds,
    queued_at: seconds,
  })
  .meta({ id: 'SubmitReply', description: 'The request stands in the queue, durably.' });

export const mediaUrlSchema = z
  .object({ id: z.string(), url: z.string() })
  .meta({ id: 'MediaUrl', description: 'One picture; readable at `url` without a key.' });

const usageSchema = z
  .object({
    prompt_tokens: z.int(),
    image_tokens: z.int(),
    text_tokens: z.int(),
    thought_tokens: z.int(),
    total_tokens: z.int(),
  })
  .meta({ id: 'Usage', description: 'What the model counted, over all calls that brought a picture.' });

/** What is known of a picture beside its URL. */
export const mediaSchema = z
  .object({
    id: z.string(),
    content_type: z.string(),
    width: z.int(),
    height: z.int(),
    bytes: z.int(),
    sha256: z.string(),
    note: z.string().optional().meta({ description: 'Says so when the model made other pixels than were asked for.' }),
  })
  .meta({ id: 'Media', description: 'Facts about the picture of the same `id` in `media_urls`.' });

const failureSchema = z
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
  })
  .meta({ id: 'Failure', description: 'Why there is no picture.' });

export const successOutcomeSchema = z
  .looseObject({
    media_urls: z.array(mediaUrlSchema),
    next_turn_contents: z.array(turnSchema).meta({
      description: 'Copy it into `payload.contents` of the next request, and fill in its last turn.',
    }),
    media: z.array(mediaSchema),
    text: z.string().optional(),
    model_version: z.string().optional(),
    usage: usageSchema.optional(),
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

/** A request as clients read it. The first eleven keys are the wire's, in its order. */
export const requestRecordSchema = z
  .looseObject({
    request_id: z.string(),
    org_id: z.string(),
    user_id: z.string().meta({ description: 'The id of the API key that submitted it.' }),
    model: z.string(),
    status: requestStatusSchema,
    is_public: z.boolean(),
    payload: z.record(z.string(), z.unknown()).meta({ description: 'The payload exactly as it came.' }),
    outcome: z.union([successOutcomeSchema, failureOutcomeSchema]).nullable(),
    created_at: seconds,
    updated_at: seconds,
    queued_at: seconds,
    error: z.string().optional().meta({ description: 'Only when failed: the same as `outcome.error.message`.' }),
    reason: z.string().optional().meta({ description: 'Only when failed: the same as `error`.' }),
  })
  .meta({ id: 'RequestRecord' });

const wholeNumber = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max.toLocaleString('en-US')}`;
  return z.coerce.number({ error }).int({ error }).min(min, { error }).max(max, { error });
};

export const listQuerySchema = z.looseObject({
  model_id: z.string({ error: 'must be given once' }).optional().meta({ description: 'Only requests of this model.' }),
  model: z.string({ error: 'must be given once' }).optional().meta({ description: 'Another name of `model_id`.' }),
  status: z
    .enum(requestStatuses, { error: `must be one of ${requestStatuses.join(', ')}` })
    .optional()
    .meta({ description: 'Only requests of this status.' }),
  limit: wholeNumber(1, 100).optional().meta({ description: 'The most to return. Without it: up to 1,000.' }),
  offset: wholeNumber(0, 1_000_000_000)
    .optional()
    .meta({ description: 'How many of the newest to pass over; use `cursor` for deep lists.' }),
  cursor: z
    .uuid({ error: 'must be the next_cursor of an earlier answer' })
    .optional()
    .meta({ description: '`next_cursor` of the page before.' }),
});

export const requestListSchema = z
  .object({
    requests: z.array(requestRecordSchema),
    total: z.int().meta({ description: 'How many fit the filters.' }),
    has_more: z.boolean(),
    next_cursor: z.string().optional().meta({ description: 'Only when there is more.' }),
  })
  .meta({ id: 'RequestList', description: 'Newest first.' });

export type SubmitReply = z.infer<typeof submitReplySchema>;
export type RequestRecord = z.infer<typeof requestRecordSchema>;
export type RequestList = z.infer<typeof requestListSchema>;
export type SuccessOutcomeRecord = z.infer<typeof successOutcomeSchema>;
export type FailureOutcomeRecord = z.infer<typeof failureOutcomeSchema>;
export type FailureRecord = z.infer<typeof failureSchema>;
export type UsageRecord = z.infer<typeof usageSchema>;
export type MediaRecord = z.infer<typeof mediaSchema>;
