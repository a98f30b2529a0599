import type { By } from '../core/audit.ts';
import type { Budget, BudgetScope, BudgetStatus, UsageRow } from '../core/budgets.ts';

/**
 * What may be spent, and what was spent. The check itself is part of `RequestStore.submit`. A write that is given a `By` is noted in
 * the audit log, in its transaction.
 */
export interface BudgetStore {
  /**
   * Sets a budget, or changes its limit. It includes what its requests of the current period have cost or may cost. Durable.
   */
  set(budget: Budget, now: number, by?: By): Promise<void>;
  /** Removes a budget. Resolves to whether there was one. Durable. */
  remove(budget: Omit<Budget, 'limitMicros'>, by?: By): Promise<boolean>;
  /** Every budget, or those of one key or organization, in order of scope, id and period. */
  list(query: {
    readonly now: number;
    readonly of?: { readonly scope: BudgetScope; readonly id: string };
  }): Promise<readonly BudgetStatus[]>;
  /** What the organization has spent, by day, model and key, oldest day first. Days are `YYYY-MM-DD`, both included. */
  usage(query: UsageQuery): Promise<readonly UsageRow[]>;
}

export interface UsageQuery {
  readonly organizationId: string;
  readonly from: string;
  readonly to: string;
}
