import type { DatabaseSync } from 'node:sqlite';
import type { RequestEvent } from '../../core/request-events.ts';
import { prepareQuery } from './query.ts';

export function prepareReadAfter(db: DatabaseSync): (seq: number, limit: number) => readonly RequestEvent[] {
  const select = prepareQuery<EventRow>(db, 'SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?');
  return (seq, limit) => select.all(seq, limit).map(toEvent);
}

/** A walk of the indexes from `after` on: what was read before costs nothing. */
export function prepareReadEventsOf(
  db: DatabaseSync,
  owner: 'request' | 'organization',
): (id: string, query: { readonly after: number; readonly limit: number }) => readonly RequestEvent[] {
  const select = prepareQuery<EventRow>(
    db,
    `SELECT * FROM events WHERE ${owner}_id = ? AND seq > ? ORDER BY seq LIMIT ?`,
  );
  return (id, { after, limit }) => select.all(id, after, limit).map(toEvent);
}

export function prepareReadLast(db: DatabaseSync): () => number {
  const select = prepareQuery<{ readonly seq: number }>(db, 'SELECT seq FROM events ORDER BY seq DESC LIMIT 1');
  return () => select.get()?.seq ?? 0;
}

interface EventRow {
  readonly seq: number;
  readonly request_id: string;
  readonly organization_id: string;
  readonly at: number;
  readonly moment: string;
}

function toEvent({ seq, request_id: requestId, organization_id: organizationId, at, moment }: EventRow): RequestEvent {
  // `prepareRecordMoment` wrote it, hence a `RequestMoment`.
  return { seq, requestId, organizationId, at, moment: JSON.parse(moment) };
}
