import { hashApiKey, isSameHash } from '../core/api-keys.ts';
import type { Actor } from '../core/audit.ts';
import { toScopes } from '../core/person.ts';
import { belongTogether, formatSessionCookie, parseSessionCookie, parseSessionToken } from '../core/session-token.ts';
import { makeApiKey } from '../keys/api-keys.ts';
import type { FoundKey } from '../keys/found-key.ts';
import { RecentNotes } from '../keys/recent-notes.ts';
import type { Clock } from '../platform/clock.ts';
import { createRequestId, createSecret } from '../platform/ids.ts';
import type { Logger } from '../platform/logger.ts';
import type { KeyStore } from '../store/key-store.ts';
import type { ConsoleSession, SessionStore } from '../store/session-store.ts';
import type { KnownPerson } from './claims.ts';

/** The sessions of people in the console. They are rows: they survive restarts, and every process knows them. */
export interface Sessions {
  /** Begins a session, and resolves to its cookie; `undefined` when an operator has ended the access of the person. */
  begin(known: KnownPerson, from: Origin, actor: Actor): Promise<BegunSession | undefined>;
  /** The session of which the call has both halves, and the row of its person. Notes that it is used, at most once a minute. */
  find(token: string, cookie: string | undefined): Promise<FoundSession | undefined>;
  /** The session of the cookie alone, which permits nothing. */
  findByCookie(cookie: string): Promise<ConsoleSession | undefined>;
  /** Has the session of this id not ended yet? */
  isActive(id: string): Promise<boolean>;
  /** The person signs out. */
  end(id: string, actor: Actor): Promise<boolean>;
}

/** Where a sign-in came from. */
export type Origin = Pick<ConsoleSession, 'address' | 'browser'>;

export interface BegunSession {
  readonly cookie: string;
  readonly apiKeyId: string;
  /** How long the browser keeps the cookie. */
  readonly lifetimeMs: number;
}

export interface FoundSession extends FoundKey {
  readonly session: { readonly id: string; readonly name: string };
}

export interface SessionsOptions {
  readonly sessions: SessionStore;
  readonly keys: Pick<KeyStore, 'findWithOrganizations'>;
  /** A session ends when it was not used for this time. */
  readonly idleMs: number;
  /** And after this one, however it is used. */
  readonly lifetimeMs: number;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Logger;
}

const maxBrowserLength = 300;

export function createSessions({ sessions, keys, idleMs, lifetimeMs, clock, logger }: SessionsOptions): Sessions {
  const noteUse = createNoteUse({ sessions, idleMs, logger });
  const findByCookie: Sessions['findByCookie'] = async (cookie) => {
    const half = parseSessionCookie(cookie);
    const session = half && (await sessions.find(half.id));
    const isValid = session && isSameHash(session.secretHash, hashApiKey(cookie)) && clock.now() < session.endsAt;
    return isValid ? session : undefined;
  };
  return {
    begin: async (known, { address, browser }, actor) => {
      const now = clock.now();
      const [id, text] = [createRequestId(), createSecret()];
      const cookie = formatSessionCookie({ id, text });
      const times = { createdAt: now, lastSeenAt: now, expiresAt: now + lifetimeMs };
      const endsAt = now + Math.min(idleMs, lifetimeMs);
      const origin = { address, browser: browser.slice(0, maxBrowserLength) };
      const begun = { id, secretHash: hashApiKey(cookie), ...times, endsAt, ...origin };
      const key = await sessions.begin(begun, toPersonKey(known, now), { actor, at: now });
      return key && { cookie, apiKeyId: key.id, lifetimeMs };
    },
    find: async (token, cookie = '') => {
      const [left, right] = [parseSessionToken(token), parseSessionCookie(cookie)];
      const session = left && right && belongTogether(left, right) ? await findByCookie(cookie) : undefined;
      const found = session && (await keys.findWithOrganizations(session.apiKeyId));
      if (!found || found.key.revokedAt !== undefined) return undefined;
      noteUse(session, clock.now());
      return { ...found, session: { id: session.id, name: found.key.name } };
    },
    findByCookie,
    isActive: async (id) => clock.now() < ((await sessions.find(id))?.endsAt ?? 0),
    end: (id, actor) => {
      const now = clock.now();
      return sessions.end(id, 'signed-out', { now, by: { actor, at: now } });
    },
  };
}

/** The row of a person is that of a key whose text nobody knows. */
function toPersonKey({ person, name, organizationIds }: KnownPerson, now: number) {
  const scopes = toScopes(person, organizationIds[0]);
  return { ...makeApiKey({ name, organizationIds, scopes, now }).row, person };
}

const noteEveryMs = 60_000;

function createNoteUse({ sessions, idleMs, logger }: Pick<SessionsOptions, 'sessions' | 'idleMs' | 'logger'>) {
  const recent = new RecentNotes(noteEveryMs);
  return ({ id, lastSeenAt }: ConsoleSession, now: number): void => {
    if (!recent.isDue(id, lastSeenAt, now)) return;
    sessions
      .noteUse(id, { lastSeenAt: now, endsAt: now + idleMs })
      .catch((error: unknown) => logger.debug({ event: 'session.unnoted', sessionId: id, err: error }));
  };
}
