import type { UsageReport } from '@darkroom/protocol';

/** How many days the page can cover. */
export const usageDays = [7, 30, 90] as const;
export type UsageDays = (typeof usageDays)[number];

/** The search parameters of the usage page's address. */
export interface UsageSearch {
  readonly days?: UsageDays;
}

export function isUsageDays(value: unknown): value is UsageDays {
  return usageDays.some((days) => days === value);
}

/** The last `count` days including today, oldest first, as `YYYY-MM-DD` in UTC. */
export function toDays(count: number, nowMs: number): readonly string[] {
  return Array.from({ length: count }, (_, index) =>
    new Date(nowMs - (count - 1 - index) * dayMs).toISOString().slice(0, 10),
  );
}

/** Every day that a report covers. */
export function toReportDays({ from, to }: Pick<UsageReport, 'from' | 'to'>): readonly string[] {
  return toDays(Math.round((Date.parse(to) - Date.parse(from)) / dayMs) + 1, Date.parse(to));
}

const dayMs = 86_400_000;
