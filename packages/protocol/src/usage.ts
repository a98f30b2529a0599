import { z } from 'zod';

const day = z.iso.date({ error: 'must be a day such as 2026-11-22' });

const usageGroups = ['day', 'model', 'key'] as const;
export type UsageGroup = (typeof usageGroups)[number];

export const usageQuerySchema = z.looseObject({
  from: day.optional().meta({ description: 'The first day, in UTC. Without it: the first of the month of `to`.' }),
  to: day.optional().meta({ description: 'The last day, in UTC; it counts. Without it: today.' }),
  group_by: z
    .enum(usageGroups, { error: `must be one of ${usageGroups.join(', ')}` })
    .optional()
    .meta({ description: 'Sums up the rows by this alone. Without it: a row for each day, model and key.' }),
});

const sums = {
  success: z.int().meta({ description: 'Requests that ended so; those of a day are the ones that were queued on it.' }),
  failed: z.int(),
  cancelled: z.int(),
  pictures: z.int().meta({ description: 'Pictures that were made, whatever became of their requests.' }),
  cost_usd: z
    .number()
    .meta({ description: 'What the calls have cost, in dollars; calls of the sandbox cost nothing.' }),
};

export const usageReportSchema = z
  .object({
    from: z.string(),
    to: z.string(),
    total: z.object(sums),
    rows: z.array(
      z.object({
        day: z.string().optional(),
        model: z.string().optional(),
        user_id: z.string().optional().meta({ description: 'The id of the API key.' }),
        ...sums,
      }),
    ),
  })
  .meta({ id: 'UsageReport', description: 'What the organization has spent, oldest day first.' });

export type UsageReport = z.infer<typeof usageReportSchema>;
