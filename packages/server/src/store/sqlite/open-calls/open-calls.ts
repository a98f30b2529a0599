import type { DatabaseSync } from 'node:sqlite';
import { type OpenCallRow, toJoining, toOpenCallsUntil } from '../../decisions/open-calls.ts';
import type { OpenCallStore } from '../../open-call-store.ts';
import type { Replayed } from '../../request-store.ts';
import { type RequestRow, toImageRequest } from '../../rows/request-rows.ts';
import { requestColumns } from '../database/rows.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';

type Join = (...given: Parameters<OpenCallStore['join']>) => Replayed | undefined;

/** For a call that is made for the first time: one look into `open_calls_by_call`. */
export function prepareJoin(db: DatabaseSync): Join {
  const select = prepareQuery<OpenCallRow>(
    db,
    `SELECT request_id, left_at, clients, status FROM open_calls JOIN requests ON requests.id = open_calls.request_id
     WHERE open_calls.api_key_id = ? AND hash = ? AND open_calls.created_at > ? AND organization_id = ?
     ORDER BY open_calls.created_at DESC`,
  );
  const remove = prepareEndOpenCall(db);
  const update = prepareCommand(db, 'UPDATE open_calls SET left_at = NULL, clients = ? WHERE request_id = ?');
  const selectRequest = prepareQuery<RequestRow>(db, `SELECT ${requestColumns} FROM requests WHERE id = ?`);

  return ({ organizationId, apiKeyId, hash, isRetry }, now) => {
    const rows = select.all(apiKeyId, hash, toOpenCallsUntil(now), organizationId);
    const { joined, clients, over } = toJoining(rows, { isRetry, now });
    for (const { request_id: id } of over) remove(id);
    if (!joined) return undefined;
    update.run(clients, joined.request_id);
    const row = selectRequest.get(joined.request_id);
    return row && { kind: 'replayed', request: toImageRequest(row) };
  };
}

interface KeptCall {
  readonly requestId: string;
  readonly apiKeyId: string;
  readonly hash: string;
  readonly createdAt: number;
}

/** Call it in the transaction that keeps the request. */
export function prepareKeepOpenCall(db: DatabaseSync): (call: KeptCall) => void {
  const insert = prepareCommand(
    db,
    'INSERT INTO open_calls (request_id, api_key_id, hash, clients, created_at) VALUES (?, ?, ?, 1, ?)',
  );
  return ({ requestId, apiKeyId, hash, createdAt }) => void insert.run(requestId, apiKeyId, hash, createdAt);
}

export function prepareEndOpenCall(db: DatabaseSync): (requestId: string) => void {
  const remove = prepareCommand(db, 'DELETE FROM open_calls WHERE request_id = ?');
  return (requestId) => void remove.run(requestId);
}

export function prepareLeaveOpenCall(db: DatabaseSync): (requestId: string, now: number) => void {
  const update = prepareCommand(
    db,
    `UPDATE open_calls SET clients = clients - 1, left_at = CASE WHEN clients = 1 THEN ? END
     WHERE request_id = ? AND left_at IS NULL`,
  );
  return (requestId, now) => void update.run(now, requestId);
}

/** Removes the row of a request that all clients have left; returns `false` when there is none. */
export function prepareRemoveLeft(db: DatabaseSync): (requestId: string) => boolean {
  const remove = prepareCommand(db, 'DELETE FROM open_calls WHERE request_id = ? AND left_at IS NOT NULL');
  return (requestId) => remove.run(requestId) > 0;
}

/** The walk of `open_calls_by_age` stops at the first row that is young enough. */
export function prepareForgetOpenCalls(
  db: DatabaseSync,
): (query: { readonly now: number; readonly limit: number }) => number {
  const remove = prepareCommand(
    db,
    `DELETE FROM open_calls WHERE request_id IN (
       SELECT request_id FROM open_calls WHERE created_at <= ? ORDER BY created_at LIMIT ?
     )`,
  );
  return ({ now, limit }) => remove.run(toOpenCallsUntil(now), limit);
}
