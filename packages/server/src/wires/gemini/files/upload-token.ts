import { createHmac } from 'node:crypto';
import { isSameHash } from '../../../core/api-keys.ts';
import { Problem } from '../../../core/problem.ts';
import type { UploadOwner } from '../../../store/upload-store.ts';

/** The right to send one file until a certain time. Everyone who has the address has the right, as at Google. */
export interface UploadRight {
  readonly id: string;
  readonly owner: UploadOwner;
  readonly displayName?: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** What the address of an upload carries: any process can read the right from it. */
export function toUploadToken(right: UploadRight, secret: string): string {
  const text = Buffer.from(JSON.stringify(right)).toString('base64url');
  return `${text}.${sign(text, secret)}`;
}

/** Throws a `Problem` when the token was not given out here, or its time is over. */
export function readUploadToken(
  token: string,
  { secret, now }: { readonly secret: string; readonly now: number },
): UploadRight {
  const [text = '', signature = ''] = token.split('.');
  if (!isSameHash(sign(text, secret), signature))
    throw new Problem('unauthorized', 'This is not an upload address of this service.');
  const right = JSON.parse(Buffer.from(text, 'base64url').toString()) as UploadRight; // this service has signed it
  if (now > right.expiresAt)
    throw new Problem('unauthorized', 'This upload address has expired: start the upload again.');
  return right;
}

function sign(text: string, secret: string): string {
  return createHmac('sha256', secret).update(`gemini ${text}`).digest('base64url');
}
