import type { BudgetStatus } from '../../core/budgets.ts';

/*
 * What is used of a budget is what its requests of the period have cost, and what those that have not ended may cost. A submit
 * holds its price, and the end of a request replaces the price by the cost: triggers keep both counts (migration 004 of each
 * database), in the transaction that changes the request.
 */

/** The budget that the price does not fit in; of several, the one that has the least left. */
export function findOverdrawn(budgets: readonly BudgetStatus[], estimatedCostMicros: number): BudgetStatus | undefined {
  const left = ({ limitMicros, usedMicros }: BudgetStatus) => limitMicros - usedMicros;
  return budgets.filter((one) => left(one) < estimatedCostMicros).sort((a, b) => left(a) - left(b))[0];
}
