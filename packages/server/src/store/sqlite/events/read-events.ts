import type { DatabaseSync } from 'node:sqlite';
import type { EventRow } from '../../damage/damaged-events.ts';
import { prepareQuery } from '../database/statement.ts';

interface Piece {
  readonly after: number;
  readonly limit: number;
}

export function prepareReadAfter(db: DatabaseSync): (piece: Piece) => readonly EventRow[] {
  const select = prepareQuery<EventRow>(db, 'SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?');
  return ({ after, limit }) => select.all(after, limit);
}

/** Walks the indexes from `after` on: events that were read before cost nothing. */
export function prepareReadEventsOf(
  db: DatabaseSync,
  owner: 'request' | 'organization',
): (id: string, piece: Piece) => readonly EventRow[] {
  const select = prepareQuery<EventRow>(
    db,
    `SELECT * FROM events WHERE ${owner}_id = ? AND seq > ? ORDER BY seq LIMIT ?`,
  );
  return (id, { after, limit }) => select.all(id, after, limit);
}

export function prepareReadLast(db: DatabaseSync): () => number {
  const select = prepareQuery<{ readonly seq: number }>(db, 'SELECT seq FROM events ORDER BY seq DESC LIMIT 1');
  return () => select.get()?.seq ?? 0;
}
