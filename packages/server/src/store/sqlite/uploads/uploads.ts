import type { DatabaseSync } from 'node:sqlite';
import type { NewUpload, UploadContent, UploadLimits, UploadOwner, UploadStore } from '../../upload-store.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';

type AddBytes = (owner: UploadOwner, bytes: number) => UploadLimits;

/** Adds to what the key and the organization have; what they have then. */
function prepareAddBytes(db: DatabaseSync): AddBytes {
  const add = prepareQuery<{ readonly bytes: number }>(
    db,
    `INSERT INTO upload_totals (scope, id, bytes) VALUES (?, ?, ?)
     ON CONFLICT (scope, id) DO UPDATE SET bytes = bytes + excluded.bytes RETURNING bytes`,
  );
  return ({ apiKeyId, organizationId }, bytes) => ({
    ofKey: add.get('key', apiKeyId, bytes)?.bytes ?? 0,
    ofOrganization: add.get('organization', organizationId, bytes)?.bytes ?? 0,
  });
}

export function prepareGrant(db: DatabaseSync): (upload: NewUpload, limits: UploadLimits) => boolean {
  const insert = prepareCommand(
    db,
    'INSERT INTO uploads (name, organization_id, api_key_id, via, counted_bytes, ends_at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const addBytes = prepareAddBytes(db);
  return (upload, limits) => {
    const { name, organizationId, apiKeyId, via, bytes, endsAt } = upload;
    const has = addBytes(upload, bytes);
    if (has.ofKey > limits.ofKey || has.ofOrganization > limits.ofOrganization) {
      addBytes(upload, -bytes);
      return false;
    }
    insert.run(name, organizationId, apiKeyId, via, bytes, endsAt);
    return true;
  };
}

interface OwnedRow {
  readonly organization_id: string;
  readonly api_key_id: string;
  readonly counted_bytes: number;
}

function toOwner(row: OwnedRow): UploadOwner {
  return { organizationId: row.organization_id, apiKeyId: row.api_key_id };
}

export function prepareFindOwner(db: DatabaseSync): (name: string) => UploadOwner | undefined {
  const select = prepareQuery<OwnedRow>(
    db,
    'SELECT organization_id, api_key_id, counted_bytes FROM uploads WHERE name = ? AND is_ended = 0',
  );
  return (name) => {
    const row = select.get(name);
    return row && toOwner(row);
  };
}

export function prepareTakeUpload(
  db: DatabaseSync,
): (name: string, content: UploadContent) => Awaited<ReturnType<UploadStore['take']>> {
  const select = prepareQuery<OwnedRow & { readonly sha256: string | null; readonly is_used: number }>(
    db,
    `SELECT organization_id, api_key_id, counted_bytes, sha256, is_used FROM uploads
     WHERE name = ? AND is_ended = 0 AND via = 'service'`,
  );
  const update = prepareCommand(db, 'UPDATE uploads SET sha256 = ?, counted_bytes = ?, ends_at = ? WHERE name = ?');
  const addBytes = prepareAddBytes(db);
  return (name, { bytes, sha256, endsAt }) => {
    const row = select.get(name);
    if (!row) return 'missing';
    if (row.sha256 !== null) return row.sha256 === sha256 ? 'taken' : 'conflict';
    const counted = row.is_used === 1 ? 0 : bytes;
    update.run(sha256, counted, row.is_used === 1 ? null : endsAt, name);
    addBytes(toOwner(row), counted - row.counted_bytes);
    return 'taken';
  };
}

export function prepareKeepLength(db: DatabaseSync): (name: string, bytes: number) => void {
  const insert = prepareCommand(
    db,
    `INSERT INTO sent_pictures (name, bytes)
     SELECT name, ? FROM uploads WHERE name = ? AND is_ended = 0 AND sha256 IS NOT NULL ON CONFLICT DO NOTHING`,
  );
  return (name, bytes) => void insert.run(bytes, name);
}

/** To be called in the transaction that keeps the request. What has not come yet is used when it comes. */
export function prepareUseUploads(db: DatabaseSync): (names: readonly string[]) => void {
  const select = prepareQuery<OwnedRow & { readonly has_come: number }>(
    db,
    `SELECT organization_id, api_key_id, counted_bytes, via = 'bucket' OR sha256 IS NOT NULL AS has_come FROM uploads
     WHERE name = ? AND is_used = 0 AND is_ended = 0`,
  );
  const note = prepareCommand(db, 'UPDATE uploads SET is_used = 1 WHERE name = ?');
  const keep = prepareCommand(db, 'UPDATE uploads SET is_used = 1, counted_bytes = 0, ends_at = NULL WHERE name = ?');
  const addBytes = prepareAddBytes(db);
  return (names) => {
    for (const name of names) {
      const row = select.get(name);
      if (row?.has_come === 0) note.run(name);
      if (row?.has_come !== 1) continue;
      keep.run(name);
      addBytes(toOwner(row), -row.counted_bytes);
    }
  };
}

export function prepareClaimEnded(
  db: DatabaseSync,
): (query: Parameters<UploadStore['claimEnded']>[0]) => readonly string[] {
  const update = prepareQuery<{ readonly name: string }>(
    db,
    `UPDATE uploads SET is_ended = 1, ends_at = ? WHERE name IN (
       SELECT name FROM uploads WHERE ends_at <= ? ORDER BY ends_at LIMIT ?
     ) RETURNING name`,
  );
  const removeLength = prepareCommand(db, 'DELETE FROM sent_pictures WHERE name = ?');
  return ({ now, limit, leaseMs }) => {
    const names = update.all(now + leaseMs, now, limit).map(({ name }) => name);
    for (const name of names) removeLength.run(name);
    return names;
  };
}

export function prepareForgetUploads(db: DatabaseSync): (names: readonly string[]) => void {
  const remove = prepareQuery<OwnedRow>(
    db,
    'DELETE FROM uploads WHERE name = ? AND is_ended = 1 RETURNING organization_id, api_key_id, counted_bytes',
  );
  const addBytes = prepareAddBytes(db);
  return (names) => {
    for (const name of names) {
      const row = remove.get(name);
      if (row) addBytes(toOwner(row), -row.counted_bytes);
    }
  };
}
