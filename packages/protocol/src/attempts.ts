import { z } from 'zod';
import { failureSchema } from './failures.ts';
import { mediaUrlSchema } from './outcomes.ts';
import { tokenUsageSchema } from './token-usage.ts';

const moment = z.number().meta({ description: 'Unix time in seconds, with milliseconds as decimals.' });

/** One line of a request's attempt log: one call of an upstream. */
export const attemptSchema = z
  .object({
    number: z.int().meta({ description: 'Which try, from 1. A try at several pictures makes a call for each.' }),
    image: z.int().meta({ description: 'Which of the asked pictures, from 0.' }),
    upstream: z.string(),
    result: z.enum(['succeeded', 'failed', 'lost', 'interrupted']).nullable().meta({
      description:
        '`null`: under way. `lost`: its worker went away. `interrupted`: the worker gave it back as it shut down.',
    }),
    started_at: moment,
    sent_at: moment.nullable(),
    ended_at: moment.nullable(),
    cost_usd: z.number().meta({ description: 'What the upstream has charged. A call of the sandbox costs nothing.' }),
    would_cost_usd: z.number().optional().meta({
      description: 'Of a call of the sandbox: what the model would have cost, by the same count of tokens.',
    }),
    possibly_billed: z.boolean().meta({
      description: 'The upstream may have charged for it although no answer says so.',
    }),
    failure: failureSchema.optional(),
    model_version: z.string().optional(),
    response_id: z.string().optional().meta({ description: 'By which the upstream knows its answer.' }),
    usage: tokenUsageSchema.optional(),
    media_urls: z.array(mediaUrlSchema).optional().meta({
      description:
        'The pictures that it brought, also when the request had ended before: they are stored, and a requeue uses them.',
    }),
  })
  .meta({ id: 'Attempt' });

export const attemptListSchema = z
  .object({ attempts: z.array(attemptSchema) })
  .meta({ id: 'AttemptList', description: 'Oldest first.' });

export type AttemptRecord = z.infer<typeof attemptSchema>;
export type AttemptList = z.infer<typeof attemptListSchema>;
