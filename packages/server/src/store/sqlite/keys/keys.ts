import type { DatabaseSync } from 'node:sqlite';
import type { ApiKey } from '../../key-store.ts';
import { type KeyRow, toApiKey } from '../../rows/key-rows.ts';
import { prepareCommand, prepareQuery, type Query } from '../database/statement.ts';

const insertKey = `INSERT INTO api_keys (
  id, name, secret_hash, is_admin, requests_per_minute, cancel_when_gone, model_ids, organization_ids, created_at,
  revoked_at
) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?`;

export function prepareCreateKey(db: DatabaseSync): (key: ApiKey) => void {
  const insert = prepareCommand(db, insertKey);
  return (key) => void insert.run(...toValues(key));
}

export function prepareCreateFirstKey(db: DatabaseSync): (key: ApiKey) => boolean {
  const insert = prepareCommand(db, `${insertKey} WHERE NOT EXISTS (SELECT 1 FROM api_keys)`);
  return (key) => insert.run(...toValues(key)) > 0;
}

function toValues(key: ApiKey) {
  return [
    key.id,
    key.name,
    key.secretHash,
    key.isAdmin ? 1 : 0,
    key.requestsPerMinute ?? null,
    key.cancelWhenGone ? 1 : 0,
    key.modelIds ? JSON.stringify(key.modelIds) : null,
    JSON.stringify(key.organizationIds),
    key.createdAt,
    key.revokedAt ?? null,
  ] as const;
}

export function prepareFindKey(db: DatabaseSync): (id: string) => ApiKey | undefined {
  const select: Query<KeyRow> = prepareQuery(db, 'SELECT * FROM api_keys WHERE id = ?');
  return (id) => {
    const row = select.get(id);
    return row && toApiKey(row);
  };
}

export function prepareListKeys(db: DatabaseSync): () => readonly ApiKey[] {
  const select: Query<KeyRow> = prepareQuery(db, 'SELECT * FROM api_keys ORDER BY created_at, id');
  return () => select.all().map(toApiKey);
}

export function prepareRevokeKey(db: DatabaseSync): (id: string, now: number) => boolean {
  const update = prepareCommand(db, 'UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL');
  return (id, now) => update.run(now, id) > 0;
}

/** Writes only when there is none, so that a process that has started before can start again on a full disk. */
export function prepareEnsureSecret(db: DatabaseSync): (name: string, fresh: string) => string {
  const select = prepareQuery<{ readonly value: string }>(db, 'SELECT value FROM secrets WHERE name = ?');
  const insert = prepareCommand(db, 'INSERT INTO secrets (name, value) VALUES (?, ?)');
  return (name, fresh) => {
    const known = select.get(name)?.value;
    if (known === undefined) insert.run(name, fresh);
    return known ?? fresh;
  };
}
