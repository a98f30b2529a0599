import { hash, timingSafeEqual } from 'node:crypto';

/**
 * A Darkroom key is `dk_<id>_<secret>`: the id finds its row, the secret is 192 random bits. Only the SHA-256 of the whole key is
 * kept; with that much randomness a slow hash would add only delay.
 */
export function formatApiKey(id: string, secret: string): string {
  return `dk_${id}_${secret}`;
}

/** The id inside a key, or `undefined` when it is not spelled like a Darkroom key. */
export function parseApiKeyId(key: string): string | undefined {
  return /^dk_([A-Za-z0-9]{8})_[\w-]{32}$/.exec(key)?.[1];
}

/** SHA-256 of a key, in hexadecimal. */
export function hashApiKey(key: string): string {
  return hash('sha256', key, 'hex');
}

/** Compares two hashes in constant time. */
export function isSameHash(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
