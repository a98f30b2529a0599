import { z } from 'zod';

const seconds = z.int().meta({ description: 'Unix time in whole seconds.' });

export const throughputSchema = z
  .object({
    minutes: z
      .array(
        z.object({
          at: seconds.meta({ description: 'Where the minute begins, in Unix seconds.' }),
          success: z.int(),
          failed: z.int(),
          cancelled: z.int(),
        }),
      )
      .meta({ description: 'The last 60 minutes, oldest first, without a gap; the last one is running.' }),
  })
  .meta({ id: 'Throughput', description: 'How many requests of all organizations ended in each of the last minutes.' });

export type Throughput = z.infer<typeof throughputSchema>;
