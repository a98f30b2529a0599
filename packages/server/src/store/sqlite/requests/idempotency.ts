import type { DatabaseSync } from 'node:sqlite';
import { toForgottenUntil } from '../../decisions/submits.ts';
import { prepareCommand } from '../database/statement.ts';

interface KeptKey {
  readonly organizationId: string;
  readonly key: string;
  readonly bodyHash: string;
  readonly requestId: string;
  readonly createdAt: number;
}

/** A key that already has a row has expired, or its request is gone: it is used again. */
export function prepareKeepIdempotencyKey(db: DatabaseSync): (kept: KeptKey) => void {
  const upsert = prepareCommand(
    db,
    `INSERT INTO idempotency_keys (organization_id, key, body_hash, request_id, created_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (organization_id, key) DO UPDATE SET
       body_hash = excluded.body_hash, request_id = excluded.request_id, created_at = excluded.created_at`,
  );
  return ({ organizationId, key, bodyHash, requestId, createdAt }) => {
    upsert.run(organizationId, key, bodyHash, requestId, createdAt);
  };
}

/** The walk of `idempotency_keys_by_age` stops at the first key that is young enough. */
export function prepareForgetIdempotencyKeys(
  db: DatabaseSync,
): (query: { readonly now: number; readonly limit: number }) => number {
  const remove = prepareCommand(
    db,
    `DELETE FROM idempotency_keys WHERE (organization_id, key) IN (
       SELECT organization_id, key FROM idempotency_keys WHERE created_at <= ? ORDER BY created_at LIMIT ?
     )`,
  );
  return ({ now, limit }) => remove.run(toForgottenUntil(now), limit);
}
