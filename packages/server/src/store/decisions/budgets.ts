import type { BudgetStatus } from '../../core/budgets.ts';

/*
 * What is used of a budget is what its requests of the period have cost, and what those that have not ended may cost. A submit
 * holds its price, or that of the dearest model that may be called instead, and the end of a request replaces the price by the cost: triggers keep both counts (migration 004 of each
 * database), in the transaction that changes the request.
 */

/** The budget that the reserved price does not fit in; of several, the one that has the least left. */
export function findOverdrawn(budgets: readonly BudgetStatus[], reservedMicros: number): BudgetStatus | undefined {
  const left = ({ limitMicros, usedMicros }: BudgetStatus) => limitMicros - usedMicros;
  return budgets.filter((one) => left(one) < reservedMicros).sort((a, b) => left(a) - left(b))[0];
}
