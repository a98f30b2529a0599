import { z } from 'zod';

/** What an upstream says of a model. */
export const upstreamSchema = z
  .object({
    upstream: z.string(),
    model: z.string().meta({ description: 'The upstream’s own id.' }),
    is_open: z.boolean().meta({ description: 'Can a call be made at this moment?' }),
    is_probed: z.boolean().meta({ description: 'A single call may be made, to see whether it is well again.' }),
    reason: z
      .enum(['operator', 'upstream', 'limit'])
      .nullable()
      .meta({ description: 'Why it is closed; `null` when it is open.' }),
    message: z.string().nullable(),
    until: z.int().nullable().meta({ description: 'When that may be over, in Unix seconds, where it is known.' }),
    under_way: z.int().meta({ description: 'Calls at this moment.' }),
    last_minute: z.int().meta({ description: 'Calls in the last 60 seconds.' }),
    last_ten_minutes_usd: z.number(),
    concurrency: z.int().nullable().meta({
      description: 'Calls at the same time that are tried at most, as it has borne lately; `null`: as many as come.',
    }),
    limits: z.object({
      concurrency: z.int().optional(),
      requests_per_minute: z.int().optional(),
      requests_per_day: z.int().optional(),
      usd_per_ten_minutes: z.number().optional(),
    }),
  })
  .meta({ id: 'Upstream' });

export const upstreamListSchema = z.object({ upstreams: z.array(upstreamSchema) }).meta({ id: 'UpstreamList' });

export type UpstreamRecord = z.infer<typeof upstreamSchema>;
export type UpstreamList = z.infer<typeof upstreamListSchema>;
