import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';

/** A request's id: a UUID of version 7, so that ids sort by the time they were made. */
export function createRequestId(): string {
  return v7();
}

/** An unguessable name: `bits` of chance (a multiple of 8) in URL-safe characters. */
export function createSecret(bits = 192): string {
  return randomBytes(bits / 8).toString('base64url');
}

/** The public part of an API key: 8 letters and digits. */
export function createKeyId(): string {
  return randomBytes(16)
    .toString('base64')
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 8)
    .padEnd(8, '0');
}
