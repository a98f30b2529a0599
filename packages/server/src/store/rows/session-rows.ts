import type { ConsoleSession, NamedSession, NewConsoleSession } from '../session-store.ts';

/** A row of the sessions as both stores read it. */
export interface SessionRow {
  readonly id: string;
  readonly secret_hash: string;
  readonly api_key_id: string;
  readonly created_at: number;
  readonly last_seen_at: number;
  readonly ends_at: number;
  readonly expires_at: number;
  readonly address: string;
  readonly browser: string;
}

/** In the order of `toSessionColumns`. */
export const sessionColumns = [
  'id',
  'secret_hash',
  'created_at',
  'last_seen_at',
  'ends_at',
  'expires_at',
  'address',
  'browser',
  'api_key_id',
] as const;

export function toSessionColumns(session: NewConsoleSession, apiKeyId: string): readonly (string | number)[] {
  const { id, secretHash, createdAt, lastSeenAt, endsAt, expiresAt, address, browser } = session;
  return [id, secretHash, createdAt, lastSeenAt, endsAt, expiresAt, address, browser, apiKeyId];
}

export function toConsoleSession(row: SessionRow): ConsoleSession {
  return {
    id: row.id,
    secretHash: row.secret_hash,
    apiKeyId: row.api_key_id,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    endsAt: row.ends_at,
    expiresAt: row.expires_at,
    address: row.address,
    browser: row.browser,
  };
}

export function toNamedSession(row: SessionRow & { readonly name: string }): NamedSession {
  return { ...toConsoleSession(row), name: row.name };
}
