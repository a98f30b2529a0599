import { InvalidArgumentError } from 'commander';

/** Returns Unix seconds. */
export function parseTime(text: string): number {
  const ms = /^\d{4}-\d\d-\d\d(T\S+)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(ms)) return Math.floor(ms / 1_000);
  throw new InvalidArgumentError('It must be a day such as 2026-11-22, in UTC, or a time such as 2026-11-22T14:30Z.');
}
