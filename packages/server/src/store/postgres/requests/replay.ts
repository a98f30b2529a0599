import { toForgottenUntil, toReplay } from '../../decisions/submits.ts';
import type { Conflict, Idempotency, Replayed } from '../../request-store.ts';
import type { RequestRow } from '../../rows/request-rows.ts';
import { requestColumns, requestTables } from '../database/rows.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { findTombstones } from '../removals/tombstones.ts';

/** A key that a submit may have used. */
export interface Asked {
  readonly organizationId: string;
  readonly idempotency: Idempotency;
  readonly now: number;
}

/** Two walks of primary keys; another one when the request was removed. A key whose request was never kept is free. */
export const selectKnown = toStatement<KnownRow>(
  `SELECT asked.key, body_hash, idempotency_keys.organization_id AS key_owner, idempotency_keys.request_id AS used_for, ${requestColumns}
   FROM unnest($1::text[], $2::text[], $3::bigint[]) AS asked (organization_id, key, after)
   JOIN idempotency_keys ON idempotency_keys.organization_id = asked.organization_id AND idempotency_keys.key = asked.key
     AND idempotency_keys.created_at > asked.after
   LEFT JOIN (${requestTables}) ON requests.id = idempotency_keys.request_id`,
);

/** Its request was removed where the columns of the request are NULL. */
type KnownRow = (RequestRow | { readonly id: null }) & {
  readonly key: string;
  readonly body_hash: string;
  readonly key_owner: string;
  readonly used_for: string;
};

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
  const removed = rows.filter(({ id }) => id === null);
  const tombstones = await findTombstones(
    session,
    removed.map(({ used_for: id }) => id),
  );
  const known = new Map(rows.map((row) => [`${row.key_owner}\n${row.key}`, row]));
  return ({ organizationId, idempotency }) => {
    const row = known.get(`${organizationId}\n${idempotency.key}`);
    const left = row && (row.id === null ? tombstones.get(row.used_for) : row);
    return row && left && toReplay({ body_hash: row.body_hash, left }, idempotency);
  };
}
