import { z } from 'zod';

const moment = z.number().meta({ description: 'Unix time in seconds, with milliseconds as decimals.' });

/** A job of many calls of the batch tier. */
export const batchJobSchema = z
  .object({
    id: z.string(),
    upstream: z.string(),
    model: z.string().meta({ description: 'The upstream’s own id of the model.' }),
    state: z.enum(['begun', 'pending', 'running', 'succeeded', 'failed', 'cancelled', 'expired', 'missing']).meta({
      description:
        '`begun`: written here, and perhaps sent. `pending` and `running`: as the upstream says. The others have ended; `missing`: the upstream does not have it.',
    }),
    calls: z.int().meta({ description: 'How many calls it was begun with.' }),
    open: z.int().meta({ description: 'How many of them have not ended.' }),
    upstream_name: z.string().nullable().meta({ description: 'The upstream’s name of it, once that is known.' }),
    created_at: moment,
    cancelled_at: moment.nullable().meta({ description: 'When the upstream was asked to cancel it.' }),
    ended_at: moment.nullable(),
    message: z.string().nullable().meta({ description: 'What was wrong when it was looked at last.' }),
  })
  .meta({ id: 'BatchJob' });

export const batchJobListSchema = z
  .object({ batch_jobs: z.array(batchJobSchema) })
  .meta({ id: 'BatchJobList', description: 'Newest first: those that have not ended, and the last of the others.' });

export type BatchJobRecord = z.infer<typeof batchJobSchema>;
export type BatchJobList = z.infer<typeof batchJobListSchema>;
