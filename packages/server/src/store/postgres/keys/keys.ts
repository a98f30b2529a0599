import type { ApiKey } from '../../key-store.ts';
import { type KeyRow, toApiKey } from '../../rows/key-rows.ts';
import { advisoryLocks, lockAdvisory } from '../database/advisory-locks.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

const columns =
  'id, name, secret_hash, is_admin, requests_per_minute, cancel_when_gone, model_ids, organization_ids, created_at, revoked_at';

const insertKey = toStatement(`INSERT INTO api_keys (${columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`);
const selectAnyKey = toStatement('SELECT 1 FROM api_keys LIMIT 1');

/** Differs from the twin because writers run concurrently here: a lock keeps two of them from both finding no key. */
export async function createFirstKey(session: Session, key: ApiKey): Promise<boolean> {
  await lockAdvisory(session, advisoryLocks.firstKey);
  if ((await session.get(selectAnyKey)) !== undefined) return false;
  await createKey(session, key);
  return true;
}

export async function createKey(session: Session, key: ApiKey): Promise<void> {
  await session.run(
    insertKey,
    key.id,
    key.name,
    key.secretHash,
    key.isAdmin,
    key.requestsPerMinute ?? null,
    key.cancelWhenGone,
    key.modelIds ? JSON.stringify(key.modelIds) : null,
    JSON.stringify(key.organizationIds),
    key.createdAt,
    key.revokedAt ?? null,
  );
}

const selectKeys = toStatement<KeyRow>(`SELECT ${columns} FROM api_keys WHERE id = ANY ($1::text[])`);

/** Every call of the API looks up its key: lookups that arrive together share one query. */
export async function findKeys(session: Session, ids: readonly string[]): Promise<readonly (ApiKey | undefined)[]> {
  const rows = await session.all(selectKeys, [...new Set(ids)]);
  const keys = new Map(rows.map((row) => [row.id, toApiKey(row)]));
  return ids.map((id) => keys.get(id));
}

const selectAllKeys = toStatement<KeyRow>(`SELECT ${columns} FROM api_keys ORDER BY created_at, id`);

export async function listKeys(session: Session): Promise<readonly ApiKey[]> {
  return (await session.all(selectAllKeys)).map(toApiKey);
}

const updateRevoked = toStatement('UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL');

export async function revokeKey(session: Session, id: string, now: number): Promise<boolean> {
  return (await session.run(updateRevoked, id, now)) > 0;
}

const insertSecret = toStatement<{ readonly value: string }>(
  `INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET name = secrets.name RETURNING value`,
);

const selectSecret = toStatement<{ readonly value: string }>('SELECT value FROM secrets WHERE name = $1');

/**
 * Writes only when there is none, so that a process that has started before can start again on a full disk. When processes start
 * at the same time, the insert gives all of them the same secret.
 */
export async function ensureSecret(session: Session, name: string, fresh: string): Promise<string> {
  const known = (await session.get(selectSecret, name)) ?? (await session.get(insertSecret, name, fresh));
  return known?.value ?? fresh;
}
