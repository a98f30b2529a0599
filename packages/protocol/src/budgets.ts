import { z } from 'zod';

const idRule = 'must be the id of a key or an organization';
const error = 'must be a number of dollars from 0 to 1,000,000,000';

const budgetKey = {
  scope: z.enum(['key', 'organization'], { error: 'must be "key" or "organization"' }),
  id: z.string({ error: idRule }).min(1, { error: idRule }).max(100, { error: idRule }),
  period: z.enum(['day', 'month'], { error: 'must be "day" or "month"' }),
};

/** Names a budget. */
export const budgetKeySchema = z.object(budgetKey);

export const budgetBodySchema = z.looseObject(
  { ...budgetKey, limit_usd: z.number({ error }).min(0, { error }).max(1_000_000_000, { error }) },
  { error: 'must be a JSON object {"scope", "id", "period", "limit_usd"}' },
);

export const budgetSchema = z
  .object({
    ...budgetKey,
    limit_usd: z.number(),
    used_usd: z.number().meta({
      description: 'What the requests of the current period (UTC) have cost, plus what those under way may cost.',
    }),
  })
  .meta({ id: 'Budget' });

export const budgetListSchema = z.object({ budgets: z.array(budgetSchema) }).meta({ id: 'BudgetList' });

export type BudgetRecord = z.infer<typeof budgetSchema>;
export type BudgetList = z.infer<typeof budgetListSchema>;
