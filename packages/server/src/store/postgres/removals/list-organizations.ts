import type { RemovalStore } from '../../removal-store.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

/** From one organization to the next in the primary key of the lanes, however many lanes each has. */
export const selectOrganizations = toStatement<{ readonly id: string }>(
  `WITH RECURSIVE found (id) AS (
     (SELECT organization_id FROM lanes WHERE organization_id > $1 ORDER BY organization_id LIMIT 1)
     UNION ALL
     SELECT (SELECT organization_id FROM lanes WHERE organization_id > found.id ORDER BY organization_id LIMIT 1)
     FROM found WHERE id IS NOT NULL
   )
   SELECT id FROM found WHERE id IS NOT NULL LIMIT $2`,
);

export async function listOrganizations(
  session: Session,
  { after = '', limit }: Parameters<RemovalStore['listOrganizations']>[0],
): Promise<readonly string[]> {
  return (await session.all(selectOrganizations, after, limit)).map(({ id }) => id);
}
