import { toIdPrefix } from '../../platform/ids.ts';
import type { ListQuery } from '../request-store.ts';

/** The ids that a list may hold: `from` and greater ones, less than `below`. */
export interface IdRange {
  readonly from: string;
  readonly below: string;
}

/** An id carries its time, so dates and a cursor are bounds of one walk. */
export function toIdRange({
  cursor,
  createdFrom,
  createdBefore,
}: Pick<ListQuery, 'cursor' | 'createdFrom' | 'createdBefore'>): IdRange {
  const end = createdBefore === undefined ? afterAllIds : toIdPrefix(createdBefore);
  return {
    from: createdFrom === undefined ? '' : toIdPrefix(createdFrom),
    below: cursor === undefined || cursor > end ? end : cursor,
  };
}

/** Greater than any id: ids are letters, digits and hyphens. */
export const afterAllIds = '~';

/** Less than any id. */
export const beforeAllIds = '';
