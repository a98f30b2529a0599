import { type OpenCallRow, toJoining, toOpenCallsUntil } from '../../decisions/open-calls.ts';
import type { CallOwner } from '../../open-call-store.ts';
import type { OpenCall, Replayed } from '../../request-store.ts';
import { toImageRequest } from '../../rows/request-rows.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { selectRequests } from '../requests/find.ts';

/** A call that may join a request. */
export interface JoiningCall extends OpenCall, CallOwner {
  readonly now: number;
}

type LockedRow = Omit<OpenCallRow, 'status'> & { readonly api_key_id: string; readonly hash: string };
type CallRow = LockedRow & RequestFacts;

/** Newest first: ids of requests begin with their time. In one order, so that no two transactions wait for each other. */
export const lockOpenCalls = toStatement<LockedRow>(
  `SELECT open_calls.api_key_id, open_calls.hash, request_id, left_at, clients
   FROM unnest($1::text[], $2::text[], $3::bigint[]) AS asked (api_key_id, hash, after)
   JOIN open_calls ON open_calls.api_key_id = asked.api_key_id AND open_calls.hash = asked.hash
     AND open_calls.created_at > asked.after
   ORDER BY request_id DESC FOR UPDATE OF open_calls`,
);

/** A separate statement, since the locks may have waited for a change of the statuses. */
export const selectFacts = toStatement<RequestFacts & { readonly id: string }>(
  'SELECT id, organization_id, status FROM requests WHERE id = ANY ($1::text[])',
);

interface RequestFacts extends Pick<OpenCallRow, 'status'> {
  readonly organization_id: string;
}

export const updateJoined = toStatement(
  `UPDATE open_calls SET left_at = NULL, clients = joined.clients
   FROM unnest($1::text[], $2::bigint[]) AS joined (request_id, clients) WHERE open_calls.request_id = joined.request_id`,
);

const removeOpenCalls = toStatement('DELETE FROM open_calls WHERE request_id = ANY ($1::text[])');

/** The requests that the calls join; for calls that are made for the first time, it takes one statement. */
export async function joinAll(
  session: Session,
  calls: readonly JoiningCall[],
): Promise<(call: Omit<JoiningCall, 'now'>) => Replayed | undefined> {
  const rows = calls.length === 0 ? [] : await lockRows(session, calls);
  if (rows.length === 0) return () => undefined;
  const joinings = calls.map((call) => ({
    call,
    ...toJoining(
      rows.filter((row) => isSameCall(toCallName(row), call)),
      call,
    ),
  }));
  const joined = joinings.flatMap(({ joined: row, clients }) => (row ? [{ id: row.request_id, clients }] : []));
  const ids = joined.map(({ id }) => id);
  const [found] = await Promise.all([
    session.all(selectRequests, ids),
    session.run(
      updateJoined,
      ids,
      joined.map(({ clients }) => clients),
    ),
    session.run(
      removeOpenCalls,
      joinings.flatMap(({ over }) => over.map(({ request_id: id }) => id)),
    ),
  ]);
  return (call) => {
    const joining = joinings.find((one) => isSameCall(one.call, call));
    const row = found.find(({ id }) => id === joining?.joined?.request_id);
    return row && { kind: 'replayed', request: toImageRequest(row) };
  };
}

async function lockRows(session: Session, calls: readonly JoiningCall[]): Promise<readonly CallRow[]> {
  const rows = await session.all(
    lockOpenCalls,
    calls.map(({ apiKeyId }) => apiKeyId),
    calls.map(({ hash }) => hash),
    calls.map(({ now }) => toOpenCallsUntil(now)),
  );
  if (rows.length === 0) return [];
  const facts = await session.all(
    selectFacts,
    rows.map(({ request_id: id }) => id),
  );
  const factsOf = new Map(facts.map((row) => [row.id, row]));
  return rows.flatMap((row) => {
    const found = factsOf.get(row.request_id);
    return found ? [{ ...row, ...found }] : [];
  });
}

type CallName = Pick<JoiningCall, 'organizationId' | 'apiKeyId' | 'hash'>;

function toCallName(row: CallRow): CallName {
  return { organizationId: row.organization_id, apiKeyId: row.api_key_id, hash: row.hash };
}

function isSameCall(a: CallName, b: CallName): boolean {
  return a.organizationId === b.organizationId && a.apiKeyId === b.apiKeyId && a.hash === b.hash;
}

interface KeptCall {
  readonly requestId: string;
  readonly apiKeyId: string;
  readonly hash: string;
  readonly createdAt: number;
}

const insertOpenCalls = toStatement(
  `INSERT INTO open_calls (request_id, api_key_id, hash, clients, created_at)
   SELECT request_id, api_key_id, hash, 1, created_at
   FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS given (request_id, api_key_id, hash, created_at)`,
);

/** Call it in the transaction that keeps the requests. */
export async function keepOpenCalls(session: Session, calls: readonly KeptCall[]): Promise<void> {
  if (calls.length === 0) return;
  await session.run(
    insertOpenCalls,
    calls.map(({ requestId }) => requestId),
    calls.map(({ apiKeyId }) => apiKeyId),
    calls.map(({ hash }) => hash),
    calls.map(({ createdAt }) => createdAt),
  );
}

export async function endOpenCall(session: Session, requestId: string): Promise<void> {
  await session.run(removeOpenCalls, [requestId]);
}

const updateLeft = toStatement(
  `UPDATE open_calls SET clients = clients - 1, left_at = CASE WHEN clients = 1 THEN $2::bigint END
   WHERE request_id = $1 AND left_at IS NULL`,
);

export async function leaveOpenCall(session: Session, requestId: string, now: number): Promise<void> {
  await session.run(updateLeft, requestId, now);
}

const removeLeftCall = toStatement('DELETE FROM open_calls WHERE request_id = $1 AND left_at IS NOT NULL');

/** Removes the row of a request that all clients have left; resolves to `false` when there is none. */
export async function removeLeft(session: Session, requestId: string): Promise<boolean> {
  return (await session.run(removeLeftCall, requestId)) > 0;
}

/** As `removeKeys` of the idempotency keys. */
export const removeOldCalls = toStatement(
  `DELETE FROM open_calls WHERE ctid = ANY (ARRAY (
     SELECT ctid FROM open_calls WHERE created_at <= $1 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED
   ))`,
);

export function forgetOpenCalls(
  session: Session,
  { now, limit }: { readonly now: number; readonly limit: number },
): Promise<number> {
  return session.run(removeOldCalls, toOpenCallsUntil(now), limit);
}
