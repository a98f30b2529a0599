import { z } from 'zod';
import { standInSchema } from './stand-ins.ts';
import { requestStatusSchema } from './statuses.ts';

const common = {
  request_id: z.string(),
  at: z.number().meta({ description: 'Unix time in seconds, with milliseconds as decimals.' }),
};

/** `event: status`. */
export const statusEventSchema = z
  .object({
    ...common,
    status: requestStatusSchema,
    moment: z.enum(['queued', 'claimed', 'retrying', 'returned', 'succeeded', 'failed', 'cancelled']).meta({
      description:
        '`retrying`: an attempt failed and another one follows. `returned`: its worker returned it to the queue, which is nobody’s fault.',
    }),
    attempt: z.int().optional().meta({ description: 'Claimed: the number of the attempt, from 1.' }),
    upstream: z.string().optional().meta({ description: 'Claimed: the upstream that its calls go to.' }),
    calls: z.int().optional().meta({ description: 'Claimed: the number of calls.' }),
    stand_in: standInSchema.optional(),
    code: z.string().optional().meta({ description: 'Retrying and failed: the code of the failure.' }),
    message: z.string().optional().meta({ description: 'Retrying and failed: what the code means.' }),
    retry_at: z.int().optional().meta({ description: 'Retrying: not before this time, in Unix seconds.' }),
    pictures: z.int().optional().meta({ description: 'Succeeded: the number of pictures.' }),
  })
  .meta({ id: 'StatusEvent', description: 'The status of the request changed.' });

/** `event: attempt`. */
export const attemptEventSchema = z
  .object({
    ...common,
    moment: z.enum(['sent', 'answered']),
    attempt: z.int(),
    image: z.int().meta({ description: 'Which of the requested pictures, from 0.' }),
    upstream: z.string().optional(),
    result: z.enum(['succeeded', 'failed', 'lost', 'interrupted']).optional(),
    code: z.string().optional(),
    message: z.string().optional(),
    cost_usd: z.number().optional(),
  })
  .meta({ id: 'AttemptEvent', description: 'A call was sent to an upstream, or it ended.' });

/** `event: webhook`. */
export const webhookEventSchema = z
  .object({
    ...common,
    moment: z.literal('called-back'),
    host: z
      .string()
      .meta({ description: 'The host of the address that was called. The rest of the address may be secret.' }),
    delivered: z.boolean(),
    http_status: z.int().optional(),
  })
  .meta({ id: 'WebhookEvent', description: 'A webhook was delivered or given up.' });

/** `event: progress`. */
export const progressSchema = z
  .object({
    attempt: z.int(),
    elapsed_ms: z.int(),
    typical_ms: z.int().nullable().meta({ description: 'How long calls took recently; `null` when there were none.' }),
  })
  .meta({ id: 'Progress', description: 'An upstream is working on the request. Sent every few seconds.' });

const logKinds = [
  'queued',
  'claimed',
  'sent',
  'answered',
  'waiting',
  'returned',
  'stored',
  'failed',
  'cancelled',
  'called-back',
] as const;

export const logLineSchema = z
  .object({
    at: common.at,
    kind: z.enum(logKinds),
    message: z.string().meta({ description: 'A sentence.' }),
    attempt: z.int().optional(),
    image: z.int().optional(),
    code: z.string().optional(),
  })
  .meta({ id: 'LogLine' });

export const requestLogSchema = z
  .object({ logs: z.array(logLineSchema) })
  .meta({ id: 'RequestLog', description: 'Oldest first.' });

/** The id after which a stream continues: a number, followed by `-end` when the client has received the end. */
export const streamQuerySchema = z.looseObject({
  last_event_id: z
    .string()
    .regex(/^\d{1,15}(-end)?$/, { error: 'must be the id of an event of this stream' })
    .optional()
    .meta({ description: 'Like the header `Last-Event-ID`, which takes precedence when both are given.' }),
});

export type StatusEventRecord = z.infer<typeof statusEventSchema>;
export type AttemptEventRecord = z.infer<typeof attemptEventSchema>;
export type WebhookEventRecord = z.infer<typeof webhookEventSchema>;
export type ProgressRecord = z.infer<typeof progressSchema>;
export type LogLine = z.infer<typeof logLineSchema>;
export type RequestLog = z.infer<typeof requestLogSchema>;
