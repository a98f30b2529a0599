import { z } from 'zod';
import { failureSchema } from './failures.ts';
import { mediaUrlSchema } from './outcomes.ts';
import { serviceTierSchema } from './service-tier-schemas.ts';
import { standInSchema } from './stand-ins.ts';
import { tokenUsageSchema } from './token-usage.ts';

const moment = z.number().meta({ description: 'Unix time in seconds, with milliseconds as decimals.' });

/** One line of a request's attempt log: one upstream call. */
export const attemptSchema = z
  .object({
    number: z.int().meta({
      description: 'The number of the attempt, from 1. An attempt at several pictures makes one call for each.',
    }),
    image: z.int().meta({ description: 'Which of the requested pictures, from 0.' }),
    upstream: z.string(),
    stand_in: standInSchema.optional(),
    result: z.enum(['succeeded', 'failed', 'lost', 'interrupted']).nullable().meta({
      description:
        '`null`: under way. `lost`: its worker disappeared. `interrupted`: the worker returned it to the queue when it shut down.',
    }),
    started_at: moment,
    sent_at: moment.nullable(),
    ended_at: moment.nullable(),
    cost_usd: z
      .number()
      .meta({ description: 'What the upstream charged, in dollars. A call to the sandbox costs nothing.' }),
    would_cost_usd: z.number().optional().meta({
      description: 'For a call to the sandbox: what the model would have cost for the same number of tokens.',
    }),
    possibly_billed: z.boolean().meta({
      description: 'The upstream may have charged for the call, but no answer confirms it.',
    }),
    failure: failureSchema.optional(),
    service_tier: serviceTierSchema.optional().meta({
      description:
        'The tier that the upstream says it used, by which the call is priced; if left out, it has not said.',
    }),
    batch_job: z.string().optional().meta({
      description: 'The batch job in which the call waits, or was made.',
    }),
    model_version: z.string().optional(),
    response_id: z.string().optional().meta({ description: 'The upstream’s id of its answer.' }),
    usage: tokenUsageSchema.optional(),
    media_urls: z.array(mediaUrlSchema).optional().meta({
      description:
        'The pictures that it brought. They are stored even when the request had already ended, and a requeue uses them.',
    }),
  })
  .meta({ id: 'Attempt' });

export const attemptListSchema = z
  .object({ attempts: z.array(attemptSchema) })
  .meta({ id: 'AttemptList', description: 'Oldest first.' });

export type AttemptRecord = z.infer<typeof attemptSchema>;
export type AttemptList = z.infer<typeof attemptListSchema>;
