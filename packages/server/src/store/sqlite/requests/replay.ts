import type { DatabaseSync } from 'node:sqlite';
import { type Conflict, type Idempotency, idempotencyMs, type Replayed } from '../../request-store.ts';
import { type RequestRow, toImageRequest } from '../../rows/request-rows.ts';
import { requestColumns } from '../database/rows.ts';
import { prepareQuery } from '../database/statement.ts';

/** Two walks of primary keys. A key whose request is gone is free. */
export function prepareReplay(
  db: DatabaseSync,
): (organizationId: string, idempotency: Idempotency, now: number) => Replayed | Conflict | undefined {
  const selectKey = prepareQuery<{ readonly body_hash: string; readonly request_id: string }>(
    db,
    `SELECT body_hash, request_id FROM idempotency_keys WHERE organization_id = ? AND key = ? AND created_at > ?`,
  );
  const selectRequest = prepareQuery<RequestRow>(db, `SELECT ${requestColumns} FROM requests WHERE id = ?`);

  return (organizationId, { key, bodyHash }, now) => {
    const known = selectKey.get(organizationId, key, now - idempotencyMs);
    const row = known && selectRequest.get(known.request_id);
    if (!row) return undefined;
    return known.body_hash === bodyHash ? { kind: 'replayed', request: toImageRequest(row) } : { kind: 'conflict' };
  };
}
