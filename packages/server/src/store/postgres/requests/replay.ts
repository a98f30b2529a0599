import { toForgottenUntil, toReplay } from '../../decisions/submits.ts';
import type { Conflict, Idempotency, Replayed } from '../../request-store.ts';
import type { RequestRow } from '../../rows/request-rows.ts';
import { requestColumns, requestTables } from '../database/rows.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

/** A key that a submit may have used. */
export interface Asked {
  readonly organizationId: string;
  readonly idempotency: Idempotency;
  readonly now: number;
}

/** Two walks of primary keys. A key whose request is gone is free. */
export const selectKnown = toStatement<RequestRow & { readonly key: string; readonly body_hash: string }>(
  `SELECT asked.key, body_hash, ${requestColumns}
   FROM unnest($1::text[], $2::text[], $3::bigint[]) AS asked (organization_id, key, after)
   JOIN idempotency_keys ON idempotency_keys.organization_id = asked.organization_id AND idempotency_keys.key = asked.key
     AND idempotency_keys.created_at > asked.after
   JOIN (${requestTables}) ON requests.id = idempotency_keys.request_id`,
);

/** The requests for which the keys were used. */
export async function replayAll(
  session: Session,
  asked: readonly Asked[],
): Promise<(one: Pick<Asked, 'organizationId' | 'idempotency'>) => Replayed | Conflict | undefined> {
  if (asked.length === 0) return () => undefined;
  const rows = await session.all(
    selectKnown,
    asked.map(({ organizationId }) => organizationId),
    asked.map(({ idempotency }) => idempotency.key),
    asked.map(({ now }) => toForgottenUntil(now)),
  );
  const known = new Map(rows.map((row) => [`${row.organization_id}\n${row.key}`, row]));
  return ({ organizationId, idempotency }) => {
    const row = known.get(`${organizationId}\n${idempotency.key}`);
    return row && toReplay({ body_hash: row.body_hash, row }, idempotency);
  };
}
