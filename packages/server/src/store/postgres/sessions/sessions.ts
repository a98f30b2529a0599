import type { ApiKey } from '../../key-store.ts';
import {
  type SessionRow,
  sessionColumns,
  toConsoleSession,
  toNamedSession,
  toSessionColumns,
} from '../../rows/session-rows.ts';
import type { ConsoleSession, NamedSession, NewConsoleSession, SessionStore } from '../../session-store.ts';
import type { Session } from '../database/session.ts';
import { toPlaces, toStatement } from '../database/statement.ts';
import { keepPerson } from '../keys/keys.ts';

const columns = sessionColumns.map((column) => `sessions.${column}`).join(', ');

const insertSession = toStatement(
  `INSERT INTO sessions (${sessionColumns.join(', ')}) VALUES (${toPlaces(sessionColumns)})`,
);

export async function beginSession(
  session: Session,
  begun: NewConsoleSession,
  key: ApiKey,
): Promise<ApiKey | undefined> {
  const kept = await keepPerson(session, key);
  if (kept) await session.run(insertSession, ...toSessionColumns(begun, kept.id));
  return kept;
}

const selectSession = toStatement<SessionRow>(`SELECT ${columns} FROM sessions WHERE id = $1`);

export async function findSession(session: Session, id: string): Promise<ConsoleSession | undefined> {
  const row = await session.get(selectSession, id);
  return row && toConsoleSession(row);
}

const updateUse = toStatement(
  `UPDATE sessions SET last_seen_at = $1, ends_at = least(expires_at, $2)
   WHERE id = $3 AND last_seen_at < $1 AND ends_at > $1`,
);

export async function noteSessionUse(
  session: Session,
  id: string,
  { lastSeenAt, endsAt }: Pick<ConsoleSession, 'lastSeenAt' | 'endsAt'>,
): Promise<void> {
  await session.run(updateUse, lastSeenAt, endsAt, id);
}

const updateEnd = toStatement('UPDATE sessions SET ends_at = $1 WHERE id = $2 AND ends_at > $1');

export async function endSession(session: Session, id: string, now: number): Promise<boolean> {
  return (await session.run(updateEnd, now, id)) > 0;
}

const selectSessions = toStatement<SessionRow & { readonly name: string }>(
  `SELECT ${columns}, api_keys.name FROM sessions JOIN api_keys ON api_keys.id = sessions.api_key_id
   WHERE sessions.id < $1 ORDER BY sessions.id DESC LIMIT $2`,
);

export async function listSessions(
  session: Session,
  { limit, cursor = afterAll }: Parameters<SessionStore['list']>[0],
): Promise<readonly NamedSession[]> {
  return (await session.all(selectSessions, cursor, limit)).map(toNamedSession);
}

/** Sorts after every id. */
const afterAll = 'g';

const deleteEnded = toStatement(
  'DELETE FROM sessions WHERE id = ANY (ARRAY(SELECT id FROM sessions WHERE ends_at <= $1 ORDER BY ends_at LIMIT $2))',
);

export async function forgetSessions(
  session: Session,
  { endedUntil, limit }: Parameters<SessionStore['forgetEnded']>[0],
): Promise<number> {
  return session.run(deleteEnded, endedUntil, limit);
}
