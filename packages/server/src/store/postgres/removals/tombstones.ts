import { type TombstoneRow, toTombstone } from '../../decisions/removals.ts';
import type { Tombstone } from '../../removal-store.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

export const selectTombstones = toStatement<TombstoneRow>(
  `SELECT request_id, organization_id, api_key_id, model, wire, status, cost_micros, created_at, updated_at, removed_at
   FROM tombstones WHERE request_id = ANY ($1::text[])`,
);

/** By the ids of the requests. */
export async function findTombstones(
  session: Session,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Tombstone>> {
  const rows = ids.length === 0 ? [] : await session.all(selectTombstones, ids);
  return new Map(rows.map((row) => [row.request_id, toTombstone(row)]));
}

export async function findTombstone(
  session: Session,
  organizationId: string,
  id: string,
): Promise<Tombstone | undefined> {
  const found = (await findTombstones(session, [id])).get(id);
  return found?.organizationId === organizationId ? found : undefined;
}
