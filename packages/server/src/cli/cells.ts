import type { Losses } from '../media/examine-pictures.ts';

/** A time for a table: `2026-11-22 20:41:03`, in UTC. */
export function toTimeCell(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

/** Dollars with up to four decimals, which cheap pictures need, and at least two. */
export function toDollarCell(dollars: number): string {
  const [whole, fraction = ''] = dollars.toFixed(4).split('.');
  return `$${whole}.${fraction.replace(/0{1,2}$/, '')}`;
}

/** The beginning of a longer text. */
export function toShortCell(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** The names that are known, with `…` when there are more. */
export function toLossCell({ count, names }: Losses): string {
  return names.length < count ? `${names.join(', ')} …` : names.join(', ');
}
