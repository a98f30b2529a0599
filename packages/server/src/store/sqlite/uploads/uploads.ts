import type { DatabaseSync } from 'node:sqlite';
import { findExceeded, toTaken, toUsed } from '../../decisions/uploads.ts';
import { type OwnerRow, toOwner, type UploadRow } from '../../rows/upload-rows.ts';
import type {
  ExceededLimit,
  NewUpload,
  UploadContent,
  UploadLimits,
  UploadOwner,
  UploadStore,
} from '../../upload-store.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';

type AddBytes = (owner: UploadOwner, bytes: number) => UploadLimits;

/** Adds to the bytes of the key and the organization; returns their new totals. */
export function prepareAddBytes(db: DatabaseSync): AddBytes {
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

export function prepareGrant(db: DatabaseSync): (upload: NewUpload, limits: UploadLimits) => ExceededLimit | undefined {
  const insert = prepareCommand(
    db,
    'INSERT INTO uploads (name, organization_id, api_key_id, via, counted_bytes, ends_at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const addBytes = prepareAddBytes(db);
  return (upload, limits) => {
    const { name, organizationId, apiKeyId, via, bytes, endsAt } = upload;
    const exceeded = findExceeded(addBytes(upload, bytes), limits);
    if (exceeded) addBytes(upload, -bytes);
    else insert.run(name, organizationId, apiKeyId, via, bytes, endsAt);
    return exceeded;
  };
}

export function prepareFindOwner(db: DatabaseSync): (name: string) => UploadOwner | undefined {
  const select = prepareQuery<OwnerRow>(
    db,
    'SELECT organization_id, api_key_id FROM uploads WHERE name = ? AND is_ended = 0',
  );
  return (name) => {
    const row = select.get(name);
    return row && toOwner(row);
  };
}

const uploadColumns = 'organization_id, api_key_id, via, counted_bytes, sha256, is_used, ends_at';

export function prepareTakeUpload(
  db: DatabaseSync,
): (name: string, content: UploadContent) => Awaited<ReturnType<UploadStore['take']>> {
  const select = prepareQuery<OwnerRow & UploadRow>(
    db,
    `SELECT ${uploadColumns} FROM uploads WHERE name = ? AND is_ended = 0`,
  );
  const update = prepareCommand(db, 'UPDATE uploads SET sha256 = ?, counted_bytes = ?, ends_at = ? WHERE name = ?');
  const addBytes = prepareAddBytes(db);
  return (name, content) => {
    const row = select.get(name);
    const { answer, change } = toTaken(row, content);
    if (row && change) {
      update.run(content.sha256, change.countedBytes, change.endsAt, name);
      addBytes(toOwner(row), change.addedBytes);
    }
    return answer;
  };
}

export function prepareKeepLength(db: DatabaseSync): (name: string, bytes: number) => void {
  const insert = prepareCommand(
    db,
    `INSERT INTO sent_pictures (name, bytes, owner_id, owner_key_id)
     SELECT name, ?, organization_id, api_key_id FROM uploads WHERE name = ? AND is_ended = 0 AND sha256 IS NOT NULL ON CONFLICT DO NOTHING`,
  );
  return (name, bytes) => void insert.run(bytes, name);
}

/** Call it in the transaction that keeps the request. */
export function prepareUseUploads(db: DatabaseSync): (names: readonly string[]) => void {
  const select = prepareQuery<OwnerRow & UploadRow>(
    db,
    `SELECT ${uploadColumns} FROM uploads WHERE name = ? AND is_used = 0 AND is_ended = 0`,
  );
  const update = prepareCommand(db, 'UPDATE uploads SET is_used = 1, counted_bytes = ?, ends_at = ? WHERE name = ?');
  const addBytes = prepareAddBytes(db);
  return (names) => {
    for (const name of names) {
      const row = select.get(name);
      if (!row) continue;
      const { countedBytes, endsAt, addedBytes } = toUsed(row);
      update.run(countedBytes, endsAt, name);
      if (addedBytes !== 0) addBytes(toOwner(row), addedBytes);
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
  const remove = prepareQuery<OwnerRow & Pick<UploadRow, 'counted_bytes'>>(
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
