import { createHmac } from 'node:crypto';
import { isSameHash } from '../core/api-keys.ts';

/** The right to store one picture under one name until a certain time. Everyone who has the address has the right. */
export interface UploadGrant {
  /** The name of the picture to come. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** The path and query to which the picture is sent. */
export function toUploadPath({ name, expiresAt }: UploadGrant, secret: string): string {
  return `/uploads/${name}?expires=${expiresAt}&signature=${sign({ name, expiresAt }, secret)}`;
}

/** Was the grant signed with the secret? Compares in constant time. */
export function isGrantedBy(grant: UploadGrant, signature: string, secret: string): boolean {
  return isSameHash(sign(grant, secret), signature);
}

function sign({ name, expiresAt }: UploadGrant, secret: string): string {
  return createHmac('sha256', secret).update(`${name} ${expiresAt}`).digest('base64url');
}
