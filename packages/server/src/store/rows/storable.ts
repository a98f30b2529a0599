import type { CallEnd } from '../../core/image-request.ts';

/*
 * Replaces values that one of the databases cannot keep with values that both can. A row that a database refuses would be refused
 * again and again. The checks of callers and upstreams say what is wrong; this is the last line of defence after them.
 */

/** PostgreSQL refuses NUL, and SQLite reads only up to it; a lone surrogate is no text in either. Both become U+FFFD. */
export function toStorableText(text: string): string {
  return text.includes('\0') || !text.isWellFormed() ? text.replaceAll('\0', '\u{fffd}').toWellFormed() : text;
}

/** Every number of a row is an integer: a time, a count or micro-dollars. A number out of range becomes the nearest one in range. */
export function toStorableNumber(value: number): number {
  if (Number.isSafeInteger(value)) return value;
  return Number.isNaN(value)
    ? 0
    : Math.min(Number.MAX_SAFE_INTEGER, Math.max(Number.MIN_SAFE_INTEGER, Math.round(value)));
}

/** A million dollars: no call costs that much, and the sum of thousands of them is a safe integer. */
const maxCallMicros = 1_000_000_000_000;

/** The same end, with a cost that can be kept and added up. */
export function toStorableEnd(end: CallEnd): CallEnd {
  const costMicros = Math.min(maxCallMicros, Math.max(0, toStorableNumber(end.costMicros)));
  return costMicros === end.costMicros ? end : { ...end, costMicros };
}
