import type { FastifyRequest } from 'fastify';
import type { FoundSession, Sessions } from '../people/sessions.ts';
import { type Cookie, type CookieOptions, createCookie } from './cookies.ts';

/** The sessions of people, and the cookie of their browsers. */
export interface SessionAccess {
  readonly sessions: Sessions;
  readonly cookie: Cookie;
}

export const sessionCookie = 'darkroom-session';

export function createSessionAccess(sessions: Sessions, publicUrl: CookieOptions['publicUrl']): SessionAccess {
  return { sessions, cookie: createCookie({ name: sessionCookie, sameSite: 'Strict', publicUrl }) };
}

/**
 * The session of a call, by its cookie and the token that a page of ours adds. A page of another site can make a browser send the
 * cookie at most, and never knows the token.
 */
export async function findSession(
  request: FastifyRequest,
  token: string,
  { sessions, cookie }: SessionAccess,
): Promise<FoundSession | undefined> {
  return sessions.find(token, cookie.read(request));
}

export const endedSession = 'Your session has ended: sign in again.';
