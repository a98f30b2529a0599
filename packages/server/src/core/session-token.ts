import { hash } from 'node:crypto';
import { isSameHash } from './api-keys.ts';

/**
 * A session has two halves. The cookie, which pages cannot read, is `<id>.<secret>`. The token `ds_<id>_<proof>`, which a page of the
 * service sends like a key, is made from the secret: neither is worth anything without the other, and other sites have no token.
 */
export interface SessionHalf {
  readonly id: string;
  readonly text: string;
}

const prefix = 'ds_';

export function isSessionToken(text: string): boolean {
  return text.startsWith(prefix);
}

export function formatSessionToken({ id, text: secret }: SessionHalf): string {
  return `${prefix}${id}_${toProof(secret)}`;
}

export function parseSessionToken(token: string): SessionHalf | undefined {
  return toHalf(/^ds_([0-9a-f-]{36})_([\w-]{43})$/.exec(token));
}

export function formatSessionCookie({ id, text: secret }: SessionHalf): string {
  return `${id}.${secret}`;
}

export function parseSessionCookie(value: string): SessionHalf | undefined {
  return toHalf(/^([0-9a-f-]{36})\.([\w-]{32})$/.exec(value));
}

/** Are the token and the cookie halves of one session? */
export function belongTogether(token: SessionHalf, cookie: SessionHalf): boolean {
  return token.id === cookie.id && isSameHash(token.text, toProof(cookie.text));
}

function toHalf(match: RegExpExecArray | null): SessionHalf | undefined {
  const [, id, text] = match ?? [];
  return id === undefined || text === undefined ? undefined : { id, text };
}

function toProof(secret: string): string {
  return hash('sha256', `proof of ${secret}`, 'base64url');
}
