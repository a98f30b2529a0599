import type { DatabaseSync } from 'node:sqlite';
import type { ApiKey, KeyChange, KeyRotation, KeyWithOrganizations } from '../../key-store.ts';
import {
  changingKeyColumns,
  type KeyRow,
  keyColumns,
  toAllKeyColumns,
  toApiKey,
  toKeyColumns,
} from '../../rows/key-rows.ts';
import { type OrganizationRow, toOrganization } from '../../rows/organization-rows.ts';
import { prepareCommand, prepareQuery, type Query, toPlaces } from '../database/statement.ts';

const insertKey = `INSERT INTO api_keys (${keyColumns.join(', ')}) SELECT ${toPlaces(keyColumns)}`;

export function prepareCreateKey(db: DatabaseSync): (key: ApiKey) => void {
  const insert = prepareCommand(db, insertKey);
  const addOrganizations = prepareAddOrganizations(db);
  return (key) => {
    insert.run(...toValues(toAllKeyColumns(key)));
    addOrganizations(key);
  };
}

export function prepareCreateFirstKey(db: DatabaseSync): (key: ApiKey) => boolean {
  const insert = prepareCommand(db, `${insertKey} WHERE NOT EXISTS (SELECT 1 FROM api_keys)`);
  const addOrganizations = prepareAddOrganizations(db);
  return (key) => {
    const isFirst = insert.run(...toValues(toAllKeyColumns(key))) > 0;
    if (isFirst) addOrganizations(key);
    return isFirst;
  };
}

/** Organizations that a key names exist from then on. */
function prepareAddOrganizations(db: DatabaseSync): (key: ApiKey) => void {
  const insert = prepareCommand(
    db,
    'INSERT INTO organizations (id, name, created_at) VALUES (?1, ?1, ?2) ON CONFLICT DO NOTHING',
  );
  return ({ organizationIds, createdAt }) => {
    for (const id of organizationIds) insert.run(id, createdAt);
  };
}

/** SQLite has no booleans: 0 or 1. */
function toValues(columns: readonly (string | number | boolean | null)[]) {
  return columns.map((value) => (typeof value === 'boolean' ? Number(value) : value));
}

export function prepareFindKey(db: DatabaseSync): (id: string) => ApiKey | undefined {
  const select: Query<KeyRow> = prepareQuery(db, 'SELECT * FROM api_keys WHERE id = ?');
  return (id) => {
    const row = select.get(id);
    return row && toApiKey(row);
  };
}

export function prepareFindWithOrganizations(db: DatabaseSync): (id: string) => KeyWithOrganizations | undefined {
  const find = prepareFindKey(db);
  const select = prepareQuery<OrganizationRow>(db, 'SELECT * FROM organizations WHERE id = ?');
  return (id) => {
    const key = find(id);
    if (!key) return undefined;
    const organizations = key.organizationIds.flatMap((organizationId) => {
      const row = select.get(organizationId);
      return row ? [toOrganization(row)] : [];
    });
    return { key, organizations };
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

const selectPerson = 'SELECT * FROM api_keys WHERE person_issuer = ? AND person_subject = ?';

/** Keeps a person's row, or brings it up to date. `undefined`: it was revoked or has expired. */
export function prepareKeepPerson(db: DatabaseSync): (key: ApiKey) => ApiKey | undefined {
  const select: Query<KeyRow> = prepareQuery(db, selectPerson);
  const create = prepareCreateKey(db);
  const addOrganizations = prepareAddOrganizations(db);
  const update = prepareCommand(
    db,
    'UPDATE api_keys SET name = ?, is_admin = ?, scopes = ?, organization_ids = ?, person_roles = ? WHERE id = ?',
  );
  return (key) => {
    const row = key.person && select.get(key.person.issuer, key.person.subject);
    if (!row) {
      create(key);
      return key;
    }
    const known = toApiKey(row);
    if (known.revokedAt !== undefined || (known.expiresAt ?? Infinity) <= key.createdAt) return undefined;
    const { name, scopes, organizationIds, person } = key;
    const isAdmin = scopes.includes('admin') ? 1 : 0;
    const roles = JSON.stringify(person?.roles);
    update.run(name, isAdmin, JSON.stringify(scopes), JSON.stringify(organizationIds), roles, known.id);
    addOrganizations(key);
    return { ...known, name, scopes, organizationIds, person };
  };
}

export function prepareForgetPerson(db: DatabaseSync): (id: string) => void {
  const update = prepareCommand(db, 'UPDATE api_keys SET person_subject = NULL WHERE id = ?');
  return (id) => void update.run(id);
}

export function prepareChangeKey(db: DatabaseSync): (id: string, change: KeyChange) => ApiKey | undefined {
  const find = prepareFindKey(db);
  const update = prepareCommand(
    db,
    `UPDATE api_keys SET ${changingKeyColumns.map((column) => `${column} = ?`).join(', ')} WHERE id = ?`,
  );
  return (id, change) => {
    const key = find(id);
    if (!key || key.revokedAt !== undefined) return undefined;
    const changed = { ...key, ...change };
    update.run(...toValues(toKeyColumns(changed)), id);
    return changed;
  };
}

export function prepareRotateKey(db: DatabaseSync): (id: string, rotation: KeyRotation) => ApiKey | undefined {
  const find = prepareFindKey(db);
  const update = prepareCommand(
    db,
    `UPDATE api_keys SET old_secret_hash = secret_hash, old_secret_until = ?, secret_hash = ?
     WHERE id = ? AND revoked_at IS NULL`,
  );
  return (id, { secretHash, oldSecretUntil }) =>
    update.run(oldSecretUntil, secretHash, id) > 0 ? find(id) : undefined;
}

export function prepareNoteUse(db: DatabaseSync): (id: string, at: number) => void {
  const update = prepareCommand(
    db,
    'UPDATE api_keys SET last_used_at = ?1 WHERE id = ?2 AND coalesce(last_used_at, 0) < ?1',
  );
  return (id, at) => void update.run(at, id);
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
