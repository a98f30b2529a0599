import { toForgottenUntil } from '../../decisions/submits.ts';
import type { Idempotency } from '../../request-store.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

interface KeptKey {
  readonly organizationId: string;
  readonly idempotency: Idempotency;
  readonly requestId: string;
  readonly createdAt: number;
}

/** A key that already has a row has expired, or its request is gone: it is used again. */
const upsertKeys = toStatement(
  `INSERT INTO idempotency_keys (organization_id, key, body_hash, request_id, created_at)
   SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
   ON CONFLICT (organization_id, key) DO UPDATE SET
     body_hash = excluded.body_hash, request_id = excluded.request_id, created_at = excluded.created_at`,
);

export async function keepIdempotencyKeys(session: Session, keys: readonly KeptKey[]): Promise<void> {
  if (keys.length === 0) return;
  await session.run(
    upsertKeys,
    keys.map(({ organizationId }) => organizationId),
    keys.map(({ idempotency }) => idempotency.key),
    keys.map(({ idempotency }) => idempotency.bodyHash),
    keys.map(({ requestId }) => requestId),
    keys.map(({ createdAt }) => createdAt),
  );
}

/**
 * The walk of `idempotency_keys_by_age` stops at the first key that is young enough; two processes skip each other's rows. By
 * `ctid`, since the planner expects any limit to be large and would read the whole table for the join.
 *
 *     Tid Scan on idempotency_keys
 *       Index Scan using idempotency_keys_by_age on idempotency_keys
 *         Index Cond: (created_at <= $1)
 */
export const removeKeys = toStatement(
  `DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY (
     SELECT ctid FROM idempotency_keys WHERE created_at <= $1 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED
   ))`,
);

export function forgetIdempotencyKeys(
  session: Session,
  { now, limit }: { readonly now: number; readonly limit: number },
): Promise<number> {
  return session.run(removeKeys, toForgottenUntil(now), limit);
}
