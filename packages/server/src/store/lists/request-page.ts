import type { RequestPage } from '../request-store.ts';
import { type RequestRow, toShownRequest } from '../rows/request-rows.ts';

/** The size of the payloads and outcomes of a page, in characters or bytes; the page ends with the request that exceeds it. */
export const maxPageSize = 2_000_000;

/** Reads the rows of what was found until the page is full, by number or by size. */
export function readRows<F>(
  found: readonly F[],
  limit: number,
  read: (one: F) => RequestRow | undefined,
): readonly RequestRow[] {
  const rows: RequestRow[] = [];
  for (let size = 0; rows.length < limit && size < maxPageSize; ) {
    const one = found[rows.length];
    const row = one === undefined ? undefined : read(one);
    if (!row) break;
    size += row.payload.length + (row.outcome?.length ?? 0);
    rows.push(row);
  }
  return rows;
}

/** The page of these rows; `found` may be more than it holds. */
export function toPage(
  rows: readonly RequestRow[],
  { limit, found }: { readonly limit: number; readonly found: number },
): Omit<RequestPage, 'total'> {
  const requests = rows.slice(0, limit).map(toShownRequest);
  return { requests, nextCursor: found > requests.length ? requests.at(-1)?.id : undefined };
}
