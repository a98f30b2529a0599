import type { ApiKey, KeyChange, KeyRotation, KeyWithOrganizations } from '../../key-store.ts';
import {
  changingKeyColumns,
  type KeyRow,
  keyColumns,
  toAllKeyColumns,
  toApiKey,
  toKeyColumns,
} from '../../rows/key-rows.ts';
import { type OrganizationRow, organizationColumns, toOrganization } from '../../rows/organization-rows.ts';
import { advisoryLocks, lockAdvisory } from '../database/advisory-locks.ts';
import type { Session } from '../database/session.ts';
import { toPlaces, toStatement } from '../database/statement.ts';

const columns = keyColumns.join(', ');

const insertKey = toStatement(`INSERT INTO api_keys (${columns}) VALUES (${toPlaces(keyColumns)})`);
const insertOrganizations = toStatement(
  `INSERT INTO organizations (id, name, created_at)
   SELECT id, id, $2 FROM unnest($1::text[]) AS named (id) ORDER BY id ON CONFLICT DO NOTHING`,
);
const selectAnyKey = toStatement('SELECT 1 FROM api_keys LIMIT 1');

/** Differs from the twin because writers run concurrently here: a lock keeps two of them from both finding no key. */
export async function createFirstKey(session: Session, key: ApiKey): Promise<boolean> {
  await lockAdvisory(session, advisoryLocks.firstKey);
  if ((await session.get(selectAnyKey)) !== undefined) return false;
  await createKey(session, key);
  return true;
}

/** Organizations that a key names exist from then on. */
export async function createKey(session: Session, key: ApiKey): Promise<void> {
  await session.run(insertKey, ...toAllKeyColumns(key));
  await addOrganizations(session, key);
}

async function addOrganizations(session: Session, { organizationIds, createdAt }: ApiKey): Promise<void> {
  await session.run(insertOrganizations, organizationIds, createdAt);
}

/** What a sign-in changes in the row of a person. */
const signInColumns = ['name', 'is_admin', 'scopes', 'organization_ids', 'person_roles'];
const upsertPerson = toStatement<KeyRow>(
  `${insertKey.text}
   ON CONFLICT (person_issuer, person_subject) WHERE person_subject IS NOT NULL
   DO UPDATE SET ${signInColumns.map((column) => `${column} = excluded.${column}`).join(', ')}
   WHERE api_keys.revoked_at IS NULL AND (api_keys.expires_at IS NULL OR api_keys.expires_at > excluded.created_at)
   RETURNING ${columns}`,
);

/** Differs from the twin because sign-ins run concurrently here: the index of the people makes one of two the first. */
export async function keepPerson(session: Session, key: ApiKey): Promise<ApiKey | undefined> {
  const row = await session.get(upsertPerson, ...toAllKeyColumns(key));
  if (!row) return undefined;
  await addOrganizations(session, key);
  return toApiKey(row);
}

const updatePerson = toStatement('UPDATE api_keys SET person_subject = NULL WHERE id = $1');

export async function forgetPerson(session: Session, id: string): Promise<void> {
  await session.run(updatePerson, id);
}

const selectKeys = toStatement<KeyRow>(`SELECT ${columns} FROM api_keys WHERE id = ANY ($1::text[])`);

export async function findKeys(session: Session, ids: readonly string[]): Promise<readonly (ApiKey | undefined)[]> {
  const rows = await session.all(selectKeys, [...new Set(ids)]);
  const keys = new Map(rows.map((row) => [row.id, toApiKey(row)]));
  return ids.map((id) => keys.get(id));
}

const selectOrganizations = toStatement<OrganizationRow>(
  `SELECT ${organizationColumns.join(', ')} FROM organizations WHERE id IN (
     SELECT json_array_elements_text(organization_ids::json) FROM api_keys WHERE id = ANY ($1::text[])
   )`,
);

/** Every call of the API looks up its key: lookups that arrive together share two queries, which travel side by side. */
export async function findKeysWithOrganizations(
  session: Session,
  ids: readonly string[],
): Promise<readonly (KeyWithOrganizations | undefined)[]> {
  const [keys, rows] = await Promise.all([findKeys(session, ids), session.all(selectOrganizations, [...new Set(ids)])]);
  const organizations = new Map(rows.map((row) => [row.id, toOrganization(row)]));
  return keys.map(
    (key) => key && { key, organizations: key.organizationIds.flatMap((id) => organizations.get(id) ?? []) },
  );
}

const selectAllKeys = toStatement<KeyRow>(`SELECT ${columns} FROM api_keys ORDER BY created_at, id`);

export async function listKeys(session: Session): Promise<readonly ApiKey[]> {
  return (await session.all(selectAllKeys)).map(toApiKey);
}

const updateRevoked = toStatement('UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL');

export async function revokeKey(session: Session, id: string, now: number): Promise<boolean> {
  return (await session.run(updateRevoked, id, now)) > 0;
}

const selectForChange = toStatement<KeyRow>(
  `SELECT ${columns} FROM api_keys WHERE id = $1 AND revoked_at IS NULL FOR NO KEY UPDATE`,
);
const updateKey = toStatement(
  `UPDATE api_keys SET ${changingKeyColumns.map((column, index) => `${column} = $${index + 2}`).join(', ')} WHERE id = $1`,
);

/** One that is not revoked. */
export async function lockKey(session: Session, id: string): Promise<ApiKey | undefined> {
  const row = await session.get(selectForChange, id);
  return row && toApiKey(row);
}

export async function changeKey(session: Session, id: string, change: KeyChange): Promise<ApiKey | undefined> {
  const key = await lockKey(session, id);
  if (!key) return undefined;
  const changed = { ...key, ...change };
  await session.run(updateKey, id, ...toKeyColumns(changed));
  return changed;
}

const updateSecret = toStatement<KeyRow>(
  `UPDATE api_keys SET old_secret_hash = secret_hash, old_secret_until = $2, secret_hash = $3
   WHERE id = $1 AND revoked_at IS NULL RETURNING ${columns}`,
);

export async function rotateKey(
  session: Session,
  id: string,
  { secretHash, oldSecretUntil }: KeyRotation,
): Promise<ApiKey | undefined> {
  const row = await session.get(updateSecret, id, oldSecretUntil, secretHash);
  return row && toApiKey(row);
}

const updateUse = toStatement('UPDATE api_keys SET last_used_at = $2 WHERE id = $1 AND coalesce(last_used_at, 0) < $2');

export async function noteUse(session: Session, id: string, at: number): Promise<void> {
  await session.run(updateUse, id, at);
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
