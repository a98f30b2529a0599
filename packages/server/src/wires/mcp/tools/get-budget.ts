import { z } from 'zod';
import type { BudgetStatus } from '../../../core/budgets.ts';
import { toDollars } from '../../../core/pricing.ts';
import { toJsonAnswer } from '../answers/json-answer.ts';
import { defineTool } from '../tool.ts';

export const getBudgetTool = defineTool({
  name: 'get_budget',
  title: 'Get the budget',
  description:
    'Says how much of the budgets of this API key and its organization is used, in US dollars, including what open requests may cost. An empty list means that there is no limit.',
  input: z.object({}),
  annotations: { readOnlyHint: true, openWorldHint: false },
  run: async (_given, { budgets, clock, call: { caller } }) => {
    const scopes = [
      { scope: 'key', id: caller.apiKeyId },
      { scope: 'organization', id: caller.organizationId },
    ] as const;
    const now = clock.now();
    const lists = await Promise.all(scopes.map((of) => budgets.list({ now, of })));
    return toJsonAnswer({ budgets: lists.flat().map(toBudgetRecord) });
  },
});

function toBudgetRecord({ scope, period, limitMicros, usedMicros }: BudgetStatus) {
  return {
    scope,
    period,
    limit_usd: toDollars(limitMicros),
    used_usd: toDollars(usedMicros),
    left_usd: toDollars(Math.max(limitMicros - usedMicros, 0)),
  };
}
