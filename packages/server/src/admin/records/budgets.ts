import type { BudgetRecord } from '@darkroom/protocol';
import type { BudgetStatus } from '../../core/budgets.ts';
import { toDollars } from '../../core/pricing.ts';

export function toBudgetRecord({ scope, id, period, limitMicros, usedMicros }: BudgetStatus): BudgetRecord {
  return { scope, id, period, limit_usd: toDollars(limitMicros), used_usd: toDollars(usedMicros) };
}
