import type { DatabaseSync } from 'node:sqlite';
import { toForgottenUntil, toReplay } from '../../decisions/submits.ts';
import type { Conflict, Idempotency, Replayed } from '../../request-store.ts';
import type { RequestRow } from '../../rows/request-rows.ts';
import { requestColumns } from '../database/rows.ts';
import { prepareQuery } from '../database/statement.ts';
import { prepareFindTombstone } from '../removals/tombstones.ts';

/** Two walks of primary keys; a third when the request was removed. A key whose request was never kept is free. */
export function prepareReplay(
  db: DatabaseSync,
): (organizationId: string, idempotency: Idempotency, now: number) => Replayed | Conflict | undefined {
  const selectKey = prepareQuery<{ readonly body_hash: string; readonly request_id: string }>(
    db,
    `SELECT body_hash, request_id FROM idempotency_keys WHERE organization_id = ? AND key = ? AND created_at > ?`,
  );
  const selectRequest = prepareQuery<RequestRow>(db, `SELECT ${requestColumns} FROM requests WHERE id = ?`);
  const findTombstone = prepareFindTombstone(db);

  return (organizationId, idempotency, now) => {
    const used = selectKey.get(organizationId, idempotency.key, toForgottenUntil(now));
    const left = used && (selectRequest.get(used.request_id) ?? findTombstone(organizationId, used.request_id));
    return left && toReplay({ body_hash: used.body_hash, left }, idempotency);
  };
}
