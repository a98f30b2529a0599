import { z } from 'zod';
import { unixSeconds, wholeNumber, wholeNumberText } from './numbers.ts';
import { failureOutcomeSchema, mediaSchema, successOutcomeSchema } from './outcomes.ts';
import { idCursor, pageSize } from './paging.ts';
import { tierChoiceSchema } from './service-tier-schemas.ts';
import { requestStatuses, requestStatusSchema } from './statuses.ts';
import { webhookChoice } from './webhooks.ts';

/** A header of a submit: 1 to 255 visible ASCII characters. */
export const idempotencyKeySchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, { error: 'must have 1 to 255 visible ASCII characters' })
  .meta({
    description:
      'Makes it safe to repeat a submit: for 24 hours the same key with the same body returns the same request.',
  });

/** The body of a submit. The payload's own schema depends on the model. */
export const submitBodySchema = z.looseObject(
  {
    model: z.string({ error: 'must be the id of a model, e.g. "gemini-3-pro-image-preview"' }),
    payload: z.record(z.string(), z.unknown(), { error: 'must be an object with the parameters of the model' }),
    deadline_seconds: wholeNumber(1, 604_800).optional().meta({
      default: 3_600,
      description:
        'The request fails if it is not done within this time. If left out: 3600, and 172800 (two days) with `service_tier: batch`.',
    }),
    retain_seconds: wholeNumber(3, 315_360_000).optional().meta({
      description:
        'The request is deleted, with its pictures, this long after its end. If left out, or if the operator keeps requests for a shorter time: as the operator says.',
    }),
    priority: wholeNumber(-10, 10)
      .default(0)
      .meta({ description: 'Requests with a higher priority go first among those of the organization.' }),
    fallback: z.boolean({ error: 'must be true or false' }).default(true).meta({
      description: 'Whether another model that the operator has named may make the picture. `false` forbids it.',
    }),
    service_tier: tierChoiceSchema.optional().meta({
      description:
        'The service tier of the upstream calls. `batch` costs half and waits in a job with others, mostly for less than a day; `flex` costs half and may take many minutes; `priority` costs more and waits less; `cheapest` is the cheapest tier that still meets the deadline: it moves up from `batch` to `flex` and `standard` as the deadline comes near. If left out: `standard`.',
    }),
    ...webhookChoice,
  },
  { error: 'must be a JSON object {"model": …, "payload": {…}}' },
);

export const submitReplySchema = z
  .object({
    request_id: z.string(),
    model: z.string(),
    status: requestStatusSchema,
    created_at: unixSeconds,
    updated_at: unixSeconds,
    queued_at: unixSeconds,
  })
  .meta({ id: 'SubmitReply', description: 'The request is stored durably in the queue.' });

export const queueSchema = z
  .object({
    position: z.int().nullable().meta({
      description:
        'How many requests are served before this one in the fair order: exact up to 1,000, an estimate beyond. `null`: the request is not due.',
    }),
    estimated_start_at: unixSeconds.nullable().meta({
      description: 'An estimate from the recent speed, in Unix seconds; `null` when nothing was measured.',
    }),
    waiting_for: z.enum(['turn', 'retry', 'upstream', 'limit', 'operator']).meta({
      description:
        '`turn`: other requests come first. `retry`: the next attempt is not due. `upstream`: the upstream is resting. `limit`: the upstream is at its limits. `operator`: paused by an operator.',
    }),
    message: z.string(),
    until: unixSeconds.optional().meta({ description: 'When the wait may be over, in Unix seconds, if known.' }),
  })
  .meta({
    id: 'Queue',
    description: 'Only when queued: the position of the request and why it is not being worked on.',
  });

/** A request as clients read it. The first eleven keys are those of the wire, in its order. */
export const requestRecordSchema = z
  .looseObject({
    request_id: z.string(),
    org_id: z.string(),
    user_id: z.string().meta({ description: 'The id of the API key that submitted it.' }),
    model: z.string(),
    status: requestStatusSchema,
    is_public: z.boolean(),
    payload: z.record(z.string(), z.unknown()).meta({ description: 'The payload exactly as it was sent.' }),
    outcome: z.union([successOutcomeSchema, failureOutcomeSchema]).nullable(),
    created_at: unixSeconds,
    updated_at: unixSeconds,
    queued_at: unixSeconds,
    error: z.string().optional().meta({ description: 'Only when failed: the same as `outcome.error.message`.' }),
    reason: z.string().optional().meta({ description: 'Only when failed: the same as `error`.' }),
    media: z.array(mediaSchema).optional().meta({
      description: 'Only when succeeded: facts about the pictures, in the order of `outcome.media_urls`.',
    }),
    estimated_cost_usd: z.number().meta({
      description: 'The cost that was expected when the request was submitted, in dollars.',
    }),
    cost_usd: z
      .number()
      .meta({ description: 'What its calls have cost so far, in dollars. Calls to the sandbox cost nothing.' }),
    priority: z.int(),
    deadline_at: unixSeconds,
    retain_seconds: z
      .int()
      .optional()
      .meta({ description: 'Given when the submit said how long to keep the request.' }),
    expires_at: unixSeconds
      .optional()
      .meta({ description: 'Given when the request has ended and `retain_seconds` is given: when it is deleted.' }),
    service_tier: tierChoiceSchema.optional().meta({ description: 'The service tier that the submit asked for.' }),
    wire: z.string().meta({ description: 'The wire that it came by: `queue`, or the wire of another API.' }),
    fallback: z.literal(false).optional().meta({ description: 'Given when no other model may make the picture.' }),
    queue: queueSchema.optional(),
  })
  .meta({ id: 'RequestRecord' });

/** What is left of a request that was deleted. */
export const deletedRequestSchema = z
  .object({
    request_id: z.string(),
    model: z.string(),
    status: requestStatusSchema.meta({ description: 'How it had ended.' }),
    wire: z.string(),
    created_at: unixSeconds,
    updated_at: unixSeconds,
    cost_usd: z.number(),
    deleted_at: unixSeconds,
  })
  .meta({ id: 'DeletedRequest', description: 'What is left of a request that was deleted.' });

export type DeletedRequest = z.infer<typeof deletedRequestSchema>;

export const listQuerySchema = z.looseObject({
  model_id: z.string({ error: 'must be given once' }).optional().meta({ description: 'Only requests for this model.' }),
  model: z.string({ error: 'must be given once' }).optional().meta({ description: 'Another name for `model_id`.' }),
  status: z
    .enum(requestStatuses, { error: `must be one of ${requestStatuses.join(', ')}` })
    .optional()
    .meta({ description: 'Only requests with this status.' }),
  text: z
    .string({ error: 'must be given once' })
    .min(1, { error: 'must have 1 to 200 characters' })
    .max(200, { error: 'must have 1 to 200 characters' })
    .optional()
    .meta({
      description:
        'Only requests whose prompt contains this text; upper-case and lower-case ASCII letters are the same. A call searches a bounded number of requests, so a page may have fewer than `limit` and still `has_more`.',
    }),
  created_from: wholeNumberText(0, 100_000_000_000)
    .optional()
    .meta({ description: 'Only requests made at this Unix second or later.' }),
  created_before: wholeNumberText(0, 100_000_000_000)
    .optional()
    .meta({ description: 'Only requests made before this Unix second.' }),
  limit: pageSize(100).optional().meta({
    description: 'How many to return at most, 1 to 100; a larger number counts as 100. If left out: up to 1,000.',
  }),
  offset: wholeNumberText(0, 1_000_000_000)
    .optional()
    .meta({ description: 'How many of the newest to skip. Use `cursor` for long lists.' }),
  cursor: idCursor,
});

export const requestListSchema = z
  .object({
    requests: z.array(requestRecordSchema),
    total: z
      .int()
      .meta({ description: 'How many requests match `model` and `status`; `text` and dates are not considered.' }),
    has_more: z.boolean(),
    next_cursor: z.string().optional().meta({ description: 'Only when there are more.' }),
  })
  .meta({ id: 'RequestList', description: 'Newest first.' });

export type QueueRecord = z.infer<typeof queueSchema>;
export type SubmitReply = z.infer<typeof submitReplySchema>;
export type RequestRecord = z.infer<typeof requestRecordSchema>;
export type RequestList = z.infer<typeof requestListSchema>;
