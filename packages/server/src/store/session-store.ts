import type { By } from '../core/audit.ts';
import type { ApiKey } from './key-store.ts';

/**
 * Sessions of people who have signed in to the console. A person has one row among the keys, whatever browsers they use: their
 * requests, budgets and limits belong to it. A session that has ended keeps its row until it is forgotten. A write that is given `by`
 * notes itself in the audit log, in its own transaction.
 */
export interface SessionStore {
  /**
   * Keeps a session, durably before it resolves. The row of the person becomes what `key` says of name, scopes, organizations and roles;
   * without such a row, `key` is kept. Organizations that it names exist from then on. Resolves to the row as it is afterwards, or to
   * `undefined` when it was revoked or has expired: then nothing changes. People who sign in twice at the same time have one row.
   */
  begin(session: NewConsoleSession, key: ApiKey, by?: By): Promise<ApiKey | undefined>;
  find(id: string): Promise<ConsoleSession | undefined>;
  /** Notes that a session is used, and puts off its end. An ended session stays as it is; an earlier time changes nothing. */
  noteUse(id: string, use: Pick<ConsoleSession, 'lastSeenAt' | 'endsAt'>): Promise<void>;
  /** Ends a session: its person signs out, or somebody else ends it. Resolves to whether this call ended it. */
  end(id: string, how: HowEnded, end: SessionEnd): Promise<boolean>;
  /** The sessions that began before that of `cursor`, newest first, each with the name of its person. */
  list(page: { readonly limit: number; readonly cursor?: string | undefined }): Promise<readonly NamedSession[]>;
  /** Forgets up to `limit` sessions that had ended by then. Resolves to how many. */
  forgetEnded(query: { readonly endedUntil: number; readonly limit: number }): Promise<number>;
}

export interface ConsoleSession {
  /** Sorts by the time of the sign-in. */
  readonly id: string;
  /** SHA-256 of what the cookie contains. */
  readonly secretHash: string;
  readonly apiKeyId: string;
  readonly createdAt: number;
  /** Exact to the minute. */
  readonly lastSeenAt: number;
  /** When it ends unless it is used before, or when it ended. */
  readonly endsAt: number;
  /** When it ends however it is used. */
  readonly expiresAt: number;
  /** Where the sign-in came from, and what the browser calls itself. */
  readonly address: string;
  readonly browser: string;
}

export type HowEnded = 'signed-out' | 'revoked';

export interface SessionEnd {
  readonly now: number;
  readonly by?: By;
}

export type NewConsoleSession = Omit<ConsoleSession, 'apiKeyId'>;

export interface NamedSession extends ConsoleSession {
  readonly name: string;
}
