import { z } from 'zod';

const day = z.iso.date({ error: 'must be a day such as 2026-11-22' });

const usageGroups = ['day', 'model', 'key'] as const;
export type UsageGroup = (typeof usageGroups)[number];

export const usageQuerySchema = z.looseObject({
  from: day.optional().meta({ description: 'The first day, in UTC. If left out: the first day of the month of `to`.' }),
  to: day.optional().meta({ description: 'The last day, inclusive, in UTC. If left out: today.' }),
  group_by: z
    .enum(usageGroups, { error: `must be one of ${usageGroups.join(', ')}` })
    .optional()
    .meta({ description: 'Groups the rows by this only. If left out: one row for each day, model and key.' }),
});

const sums = {
  success: z
    .int()
    .meta({ description: 'Requests that ended this way. A request counts for the day on which it was queued.' }),
  failed: z.int(),
  cancelled: z.int(),
  pictures: z.int().meta({ description: 'Pictures that were made, however their requests ended.' }),
  cost_usd: z
    .number()
    .meta({ description: 'What the calls have cost, in dollars. Calls to the sandbox cost nothing.' }),
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
