import { BarChart } from '../bar-chart.tsx';
import type { DayBar } from './usage-sums.ts';

export interface DayChartProps {
  readonly name: string;
  readonly bars: readonly DayBar[];
  readonly format: (value: number) => string;
}

/** A bar for each day. */
export function DayChart({ name, bars, format }: DayChartProps) {
  const days = bars.map(({ day, value }) => ({ key: day, label: formatDay(day), value }));
  return <BarChart name={name} keyName="Day (UTC)" bars={days} format={format} />;
}

/** `22 Nov`. */
function formatDay(day: string): string {
  return dayFormat.format(new Date(`${day}T00:00:00Z`));
}

const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
