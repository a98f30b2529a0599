import type { DatabaseSync } from 'node:sqlite';
import { type RequestMedia, toNames, toRequestMedia, toTombstoneEnd } from '../../decisions/removals.ts';
import type { Removal } from '../../removal-store.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';
import { prepareRemoveUploads } from './remove-uploads.ts';
import { prepareNoteMedia } from './removed-media.ts';

type Times = Pick<Removal, 'now' | 'tombstoneMs'>;

/**
 * Removes an ended request with everything that belongs to it; the foreign keys take the rows of other tables with it. Uploads go
 * when no other request uses them. Returns the names of everything whose bytes are to go.
 */
export function prepareRemoveRequest(db: DatabaseSync): (id: string, times: Times) => readonly string[] {
  const readMedia = prepareReadMedia(db);
  const dropMedia = prepareDropMedia(db);
  const selectKey = prepareQuery<{ readonly created_at: number }>(
    db,
    `SELECT idempotency_keys.created_at FROM requests JOIN idempotency_keys
       ON idempotency_keys.created_at = requests.created_at AND idempotency_keys.request_id = requests.id
     WHERE requests.id = ?`,
  );
  const insertTombstone = prepareCommand(
    db,
    `INSERT INTO tombstones (request_id, organization_id, api_key_id, model, wire, status, cost_micros, created_at, updated_at,
       removed_at, ends_at)
     SELECT id, organization_id, api_key_id, model, wire, status, cost_micros, created_at, updated_at, ?2, ?3
     FROM requests WHERE id = ?1`,
  );
  const selectUses = prepareQuery<{ readonly name: string }>(db, 'SELECT name FROM picture_uses WHERE request_id = ?');
  const removeRow = prepareCommand(db, 'DELETE FROM requests WHERE id = ?');
  const removeUnused = prepareRemoveUploads(db).unused;

  return (id, times) => {
    const media = readMedia(id);
    const used = selectUses.all(id).map(({ name }) => name);
    const endsAt = toTombstoneEnd(times, selectKey.get(id)?.created_at);
    insertTombstone.run(id, times.now, endsAt);
    removeRow.run(id);
    dropMedia(media, { now: times.now, endsAt });
    return [...toNames(media), ...media.keys, ...removeUnused(used, { now: times.now, endsAt })];
  };
}

/** Removes what an ended request has in the storage; its record stays. */
export function prepareRemovePictures(db: DatabaseSync): (id: string, now: number) => void {
  const readMedia = prepareReadMedia(db);
  const dropMedia = prepareDropMedia(db);
  const removeRows = prepareCommand(db, 'DELETE FROM pictures WHERE request_id = ?');
  const markBare = prepareCommand(db, 'UPDATE requests SET is_bare = 1 WHERE id = ?');
  return (id, now) => {
    dropMedia(readMedia(id), { now, endsAt: null });
    removeRows.run(id);
    markBare.run(id);
  };
}

export function prepareReadMedia(db: DatabaseSync): (id: string) => RequestMedia & { readonly organizationId: string } {
  const selectRow = prepareQuery<{ readonly organization_id: string; readonly inline: string | null }>(
    db,
    `SELECT organization_id, (SELECT inline FROM payloads WHERE payloads.seq = requests.seq) AS inline
     FROM requests WHERE id = ?`,
  );
  const selectAnswers = prepareQuery<{ readonly answer: string }>(
    db,
    'SELECT answer FROM attempts WHERE request_id = ? AND answer IS NOT NULL',
  );
  return (id) => {
    const row = selectRow.get(id);
    const answers = selectAnswers.all(id).map(({ answer }) => answer);
    return { ...toRequestMedia(answers, row?.inline ?? null), organizationId: row?.organization_id ?? '' };
  };
}

interface Going {
  readonly now: number;
  /** `null`: as long as the record. */
  readonly endsAt: number | null;
}

function prepareDropMedia(db: DatabaseSync) {
  const removeHash = prepareCommand(
    db,
    'DELETE FROM picture_hashes WHERE organization_id = ? AND sha256 = ? AND name = ?',
  );
  const removeLength = prepareCommand(db, 'DELETE FROM sent_pictures WHERE name = ?');
  const note = prepareNoteMedia(db);
  return (media: RequestMedia & { readonly organizationId: string }, { now, endsAt }: Going): void => {
    for (const { name, sha256 } of media.made) removeHash.run(media.organizationId, sha256, name);
    for (const name of media.sent) removeLength.run(name);
    for (const name of toNames(media)) note(name, { dueAt: now, endsAt });
    for (const key of media.keys) note(key, { dueAt: now, endsAt: now });
  };
}
