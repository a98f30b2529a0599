import {
  type Budget,
  type BudgetPeriod,
  type BudgetScope,
  type BudgetStatus,
  budgetPeriods,
  toWindow,
} from '../../core/budgets.ts';

/** A row of the budgets as both stores read it. */
export interface BudgetRow {
  readonly scope: BudgetScope;
  readonly id: string;
  readonly period: BudgetPeriod;
  readonly limit_micros: number;
  /** `null`: nothing has been counted in the window yet, so it has no row. */
  readonly used_micros: number | null;
}

export function toBudgetStatus({ scope, id, period, limit_micros, used_micros }: BudgetRow): BudgetStatus {
  return { scope, id, period, limitMicros: limit_micros, usedMicros: used_micros ?? 0 };
}

/** The windows that a time is in, in the order of `budgetPeriods`. */
export function toWindows(now: number): readonly string[] {
  return budgetPeriods.map((period) => toWindow(period, now));
}

/** What identifies a budget. */
export type BudgetKey = Omit<Budget, 'limitMicros'>;
