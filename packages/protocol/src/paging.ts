import { z } from 'zod';
import { wholeNumberText } from './numbers.ts';

/** How many rows a page may have. A larger number than `max` counts as `max`. */
export function pageSize(max: number) {
  return wholeNumberText(1, Number.MAX_SAFE_INTEGER).transform((rows) => Math.min(rows, max));
}

/** Where the last page ended, in a list in the order of its ids. */
export const idCursor = z
  .uuid({ error: 'must be the next_cursor of an earlier answer' })
  .optional()
  .meta({ description: '`next_cursor` of the previous page.' });
