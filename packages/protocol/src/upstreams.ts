import { z } from 'zod';

/** The state of an upstream for one model. */
export const upstreamSchema = z
  .object({
    upstream: z.string(),
    model: z.string().meta({ description: 'The upstream’s own id of the model.' }),
    is_open: z.boolean().meta({ description: 'Whether a call can be made at this moment.' }),
    is_probed: z
      .boolean()
      .meta({ description: 'Whether only a single call may be made, to see if the upstream works again.' }),
    reason: z
      .enum(['operator', 'upstream', 'limit'])
      .nullable()
      .meta({ description: 'Why it is closed; `null` when it is open.' }),
    message: z.string().nullable(),
    until: z.int().nullable().meta({ description: 'When it may open again, in Unix seconds, if known.' }),
    under_way: z.int().meta({ description: 'Calls under way at this moment.' }),
    last_minute: z.int().meta({ description: 'Calls in the last 60 seconds.' }),
    last_minute_images: z.int().meta({ description: 'Those of them that have made a picture, or may.' }),
    last_ten_minutes_usd: z.number(),
    concurrency: z.int().nullable().meta({
      description:
        'The most calls to make at the same time, adapted to what the upstream recently handled; `null`: no limit.',
    }),
    limits: z.object({
      concurrency: z.int().optional(),
      requests_per_minute: z.int().optional(),
      images_per_minute: z.int().optional(),
      requests_per_day: z.int().optional(),
      usd_per_ten_minutes: z.number().optional(),
    }),
  })
  .meta({ id: 'Upstream' });

export const upstreamListSchema = z.object({ upstreams: z.array(upstreamSchema) }).meta({ id: 'UpstreamList' });

export type UpstreamRecord = z.infer<typeof upstreamSchema>;
export type UpstreamList = z.infer<typeof upstreamListSchema>;
