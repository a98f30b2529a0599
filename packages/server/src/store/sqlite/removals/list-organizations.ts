import type { DatabaseSync } from 'node:sqlite';
import type { RemovalStore } from '../../removal-store.ts';
import { prepareQuery } from '../database/statement.ts';

/** From one organization to the next in the primary key of the lanes, however many lanes each has. */
export function prepareListOrganizations(
  db: DatabaseSync,
): (page: Parameters<RemovalStore['listOrganizations']>[0]) => readonly string[] {
  const select = prepareQuery<{ readonly id: string }>(
    db,
    `WITH RECURSIVE found (id) AS (
       SELECT min(organization_id) FROM lanes WHERE organization_id > ?
       UNION ALL
       SELECT (SELECT min(organization_id) FROM lanes WHERE organization_id > found.id) FROM found WHERE id IS NOT NULL
     )
     SELECT id FROM found WHERE id IS NOT NULL LIMIT ?`,
  );
  return ({ after = '', limit }) => select.all(after, limit).map(({ id }) => id);
}
