import type { DatabaseSync } from 'node:sqlite';
import type { ApiKey } from '../../key-store.ts';
import {
  type SessionRow,
  sessionColumns,
  toConsoleSession,
  toNamedSession,
  toSessionColumns,
} from '../../rows/session-rows.ts';
import type { ConsoleSession, NamedSession, NewConsoleSession, SessionStore } from '../../session-store.ts';
import { prepareCommand, prepareQuery, toPlaces } from '../database/statement.ts';
import { prepareKeepPerson } from '../keys/keys.ts';

export function prepareBeginSession(db: DatabaseSync): (session: NewConsoleSession, key: ApiKey) => ApiKey | undefined {
  const keepPerson = prepareKeepPerson(db);
  const insert = prepareCommand(
    db,
    `INSERT INTO sessions (${sessionColumns.join(', ')}) VALUES (${toPlaces(sessionColumns)})`,
  );
  return (session, key) => {
    const kept = keepPerson(key);
    if (kept) insert.run(...toSessionColumns(session, kept.id));
    return kept;
  };
}

export function prepareFindSession(db: DatabaseSync): (id: string) => ConsoleSession | undefined {
  const select = prepareQuery<SessionRow>(db, 'SELECT * FROM sessions WHERE id = ?');
  return (id) => {
    const row = select.get(id);
    return row && toConsoleSession(row);
  };
}

export function prepareNoteSessionUse(
  db: DatabaseSync,
): (id: string, use: Pick<ConsoleSession, 'lastSeenAt' | 'endsAt'>) => void {
  const update = prepareCommand(
    db,
    `UPDATE sessions SET last_seen_at = ?1, ends_at = min(expires_at, ?2)
     WHERE id = ?3 AND last_seen_at < ?1 AND ends_at > ?1`,
  );
  return (id, { lastSeenAt, endsAt }) => void update.run(lastSeenAt, endsAt, id);
}

export function prepareEndSession(db: DatabaseSync): (id: string, now: number) => boolean {
  const update = prepareCommand(db, 'UPDATE sessions SET ends_at = ?1 WHERE id = ?2 AND ends_at > ?1');
  return (id, now) => update.run(now, id) > 0;
}

export function prepareListSessions(
  db: DatabaseSync,
): (page: Parameters<SessionStore['list']>[0]) => readonly NamedSession[] {
  const select = prepareQuery<SessionRow & { readonly name: string }>(
    db,
    `SELECT sessions.*, api_keys.name FROM sessions JOIN api_keys ON api_keys.id = sessions.api_key_id
     WHERE sessions.id < ? ORDER BY sessions.id DESC LIMIT ?`,
  );
  return ({ limit, cursor = afterAll }) => select.all(cursor, limit).map(toNamedSession);
}

/** Sorts after every id. */
const afterAll = 'g';

export function prepareForgetSessions(db: DatabaseSync): (query: Parameters<SessionStore['forgetEnded']>[0]) => number {
  const remove = prepareCommand(
    db,
    'DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE ends_at <= ? ORDER BY ends_at LIMIT ?)',
  );
  return ({ endedUntil, limit }) => remove.run(endedUntil, limit);
}
