import type { DatabaseSync } from 'node:sqlite';
import { type TombstoneRow, toTombstone } from '../../decisions/removals.ts';
import type { Tombstone } from '../../removal-store.ts';
import { prepareQuery } from '../database/statement.ts';

export function prepareFindTombstone(db: DatabaseSync): (organizationId: string, id: string) => Tombstone | undefined {
  const select = prepareQuery<TombstoneRow>(
    db,
    `SELECT request_id, organization_id, api_key_id, model, wire, status, cost_micros, created_at, updated_at, removed_at
     FROM tombstones WHERE request_id = ? AND organization_id = ?`,
  );
  return (organizationId, id) => {
    const row = select.get(id, organizationId);
    return row && toTombstone(row);
  };
}
