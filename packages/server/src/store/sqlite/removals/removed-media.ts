import type { DatabaseSync } from 'node:sqlite';
import type { RemovalStore } from '../../removal-store.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';

interface Note {
  readonly dueAt: number;
  readonly endsAt: number | null;
}

/** Call it in the transaction that removes the rows which named the object. */
export function prepareNoteMedia(db: DatabaseSync): (name: string, note: Note) => void {
  const insert = prepareCommand(
    db,
    `INSERT INTO removed_media (name, due_at, ends_at) VALUES (?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET due_at = excluded.due_at, ends_at = excluded.ends_at`,
  );
  return (name, { dueAt, endsAt }) => void insert.run(name, dueAt, endsAt);
}

export function prepareIsRemoved(db: DatabaseSync): (name: string) => boolean {
  const select = prepareQuery<{ readonly found: number }>(db, 'SELECT 1 AS found FROM removed_media WHERE name = ?');
  return (name) => select.get(name) !== undefined;
}

export function prepareClaimMedia(
  db: DatabaseSync,
): (query: Parameters<RemovalStore['claimMedia']>[0]) => readonly string[] {
  const update = prepareQuery<{ readonly name: string }>(
    db,
    `UPDATE removed_media SET due_at = ? WHERE name IN (
       SELECT name FROM removed_media WHERE due_at <= ? ORDER BY due_at LIMIT ?
     ) RETURNING name`,
  );
  return ({ now, limit, leaseMs }) => update.all(now + leaseMs, now, limit).map(({ name }) => name);
}

/** Keys that nobody asks for need not be known any longer. */
export function prepareForgetMedia(db: DatabaseSync): (names: readonly string[]) => void {
  const update = prepareCommand(db, 'UPDATE removed_media SET due_at = NULL WHERE name = ?');
  const remove = prepareCommand(db, 'DELETE FROM removed_media WHERE name = ?');
  return (names) => {
    for (const name of names) (name.includes('/') ? remove : update).run(name);
  };
}

/** Both walks stop at the first row whose time is not over. */
export function prepareForgetRemoved(
  db: DatabaseSync,
): (query: Parameters<RemovalStore['forgetRemoved']>[0]) => number {
  const removeNames = prepareCommand(
    db,
    `DELETE FROM removed_media WHERE name IN (
       SELECT name FROM removed_media WHERE due_at IS NULL AND ends_at <= ? ORDER BY ends_at LIMIT ?
     )`,
  );
  const removeTombstones = prepareCommand(
    db,
    `DELETE FROM tombstones WHERE request_id IN (
       SELECT request_id FROM tombstones WHERE ends_at <= ? ORDER BY ends_at LIMIT ?
     )`,
  );
  return ({ now, limit }) => removeNames.run(now, limit) + removeTombstones.run(now, limit);
}
