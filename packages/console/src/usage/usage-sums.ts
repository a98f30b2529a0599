import type { UsageReport } from '@darkroom/protocol';
import { formatDollars } from '../formats.ts';

export type Measure = 'cost_usd' | 'pictures';

export const measures: Record<Measure, { readonly name: string; readonly format: (value: number) => string }> = {
  cost_usd: { name: 'Dollars', format: (value) => (value === 0 ? '$0' : formatDollars(value)) },
  pictures: { name: 'Pictures', format: (value) => value.toLocaleString('en') },
};

type Rows = UsageReport['rows'];

export interface DayBar {
  readonly day: string;
  readonly value: number;
}

/** One bar for each day, including days without requests. */
export function sumByDay(
  rows: Rows,
  { days, measure }: { readonly days: readonly string[]; readonly measure: Measure },
): readonly DayBar[] {
  const sums = sum(rows, (row) => row.day ?? '', measure);
  return days.map((day) => ({ day, value: sums.get(day) ?? 0 }));
}

export interface Share {
  readonly name: string;
  readonly value: number;
}

/** Largest first. */
export function sumByName(
  rows: Rows,
  { name, measure }: { readonly name: 'model' | 'user_id'; readonly measure: Measure },
): readonly Share[] {
  const sums = sum(rows, (row) => row[name] ?? '', measure);
  return [...sums].map(([one, value]) => ({ name: one, value })).toSorted((a, b) => b.value - a.value);
}

function sum(rows: Rows, toName: (row: Rows[number]) => string, measure: Measure): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(toName(row), (sums.get(toName(row)) ?? 0) + row[measure]);
  return sums;
}
