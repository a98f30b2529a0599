import type { DatabaseSync } from 'node:sqlite';
import { type OwnerRow, toOwner, type UploadRow } from '../../rows/upload-rows.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';
import { prepareAddBytes } from '../uploads/uploads.ts';
import { prepareNoteMedia } from './removed-media.ts';

interface Times {
  readonly now: number;
  readonly endsAt: number;
}

export interface RemoveUploads {
  /** Removes them, used or not, and returns the names of those that there were. */
  readonly all: (names: readonly string[], times: Times) => readonly string[];
  /** Removes those that no request uses any more. */
  readonly unused: (names: readonly string[], times: Times) => readonly string[];
}

export function prepareRemoveUploads(db: DatabaseSync): RemoveUploads {
  const selectUse = prepareQuery<{ readonly found: number }>(
    db,
    'SELECT 1 AS found FROM picture_uses WHERE name = ? LIMIT 1',
  );
  const remove = prepareQuery<OwnerRow & Pick<UploadRow, 'counted_bytes'>>(
    db,
    'DELETE FROM uploads WHERE name = ? RETURNING organization_id, api_key_id, counted_bytes',
  );
  const removeLength = prepareCommand(db, 'DELETE FROM sent_pictures WHERE name = ?');
  const addBytes = prepareAddBytes(db);
  const note = prepareNoteMedia(db);
  const all: RemoveUploads['all'] = (names, { now, endsAt }) => {
    const rows = names.flatMap((name) => {
      const row = remove.get(name);
      return row ? [{ ...row, name }] : [];
    });
    for (const row of rows) {
      addBytes(toOwner(row), -row.counted_bytes);
      removeLength.run(row.name);
      note(row.name, { dueAt: now, endsAt });
    }
    return rows.map(({ name }) => name);
  };
  return {
    all,
    unused: (names, times) =>
      all(
        names.filter((name) => selectUse.get(name) === undefined),
        times,
      ),
  };
}

/** The organization's uploads, at most `limit`. */
export function prepareListUploads(db: DatabaseSync): (organizationId: string, limit: number) => readonly string[] {
  const select = prepareQuery<{ readonly name: string }>(
    db,
    'SELECT name FROM uploads WHERE organization_id = ? LIMIT ?',
  );
  return (organizationId, limit) => select.all(organizationId, limit).map(({ name }) => name);
}
