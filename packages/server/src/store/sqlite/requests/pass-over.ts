import type { DatabaseSync } from 'node:sqlite';
import type { RequestStatus } from '@darkroom/protocol';
import { beforeAllIds, toIdRange } from '../../lists/id-range.ts';
import type { ListQuery } from '../../request-store.ts';
import { prepareQuery, type Query } from '../database/statement.ts';

/** A model and a status that some requests of the organization have. */
export interface Pair {
  readonly model: string;
  readonly status: RequestStatus;
  readonly count: number;
}

/**
 * Skips the first `count` requests of a list that has these pairs, and returns the id of the last of them, or `beforeAllIds` when
 * there are fewer. SQLite merges the walks, so only that one id reaches this process's code: 0.1 µs for each.
 *
 *     MERGE (UNION ALL)
 *       SEARCH requests USING COVERING INDEX requests_by_lane (organization_id=? AND model=? AND status=? AND id>? AND id<?)
 */
export function preparePassOver(db: DatabaseSync): (query: ListQuery, pairs: readonly Pair[], count: number) => string {
  const byPairs = new Map<number, Query<{ readonly id: string }>>();
  const prepare = (pairs: number): Query<{ readonly id: string }> => {
    const walks = Array.from(
      { length: pairs },
      () => 'SELECT id FROM requests WHERE organization_id = ? AND model = ? AND status = ? AND id >= ? AND id < ?',
    );
    const query = prepareQuery<{ readonly id: string }>(
      db,
      `${walks.join(' UNION ALL ')} ORDER BY id DESC LIMIT 1 OFFSET ?`,
    );
    byPairs.set(pairs, query);
    return query;
  };

  return ({ organizationId, ...query }, pairs, count) => {
    if (pairs.length === 0) return beforeAllIds;
    const { from, below } = toIdRange(query);
    const values = pairs.flatMap(({ model, status }) => [organizationId, model, status, from, below]);
    const walk = byPairs.get(pairs.length) ?? prepare(pairs.length);
    return walk.get(...values, count - 1)?.id ?? beforeAllIds;
  };
}
