/** How many dollars an API key or an organization may spend in a day or a month (UTC). */
export interface Budget {
  readonly scope: BudgetScope;
  /** The id of the key or the organization. */
  readonly id: string;
  readonly period: BudgetPeriod;
  readonly limitMicros: number;
}

export const budgetScopes = ['key', 'organization'] as const;
export type BudgetScope = (typeof budgetScopes)[number];

export const budgetPeriods = ['day', 'month'] as const;
export type BudgetPeriod = (typeof budgetPeriods)[number];

/** A budget, and what is used of it in the current period. */
export interface BudgetStatus extends Budget {
  /** What requests of the period have cost, and what open ones may cost. */
  readonly usedMicros: number;
}

/** The period that a time belongs to: `2026-11-22` or `2026-11`, in UTC. */
export function toWindow(period: BudgetPeriod, now: number): string {
  return new Date(now).toISOString().slice(0, period === 'day' ? 10 : 7);
}

/** What was spent in one day, on one model, by one key. A request belongs to the day of its `queuedAt`, in UTC. */
export interface UsageRow {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly model: string;
  readonly apiKeyId: string;
  /** Requests that ended with this status. */
  readonly success: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Pictures that were made, whatever happened to their requests. */
  readonly pictures: number;
  /** What the calls have cost, those of requests that have not ended included. */
  readonly costMicros: number;
}
