import { z } from 'zod';
import { unixSeconds } from './numbers.ts';

export const throughputSchema = z
  .object({
    minutes: z
      .array(
        z.object({
          at: unixSeconds.meta({ description: 'When the minute began, in Unix seconds.' }),
          success: z.int(),
          failed: z.int(),
          cancelled: z.int(),
        }),
      )
      .meta({ description: 'The last 60 minutes, oldest first, without gaps; the last one is not over yet.' }),
  })
  .meta({
    id: 'Throughput',
    description: 'How many requests of all organizations ended in each of the last 60 minutes.',
  });

export type Throughput = z.infer<typeof throughputSchema>;
