import { createCipheriv, createDecipheriv, hash } from 'node:crypto';
import { takeRandom } from '../platform/ids.ts';

/** Makes texts that only this service can read or write, whichever of its processes does. */
export interface Seal {
  seal(text: string): string;
  /** `undefined` for what this service has not sealed. */
  open(sealed: string): string | undefined;
}

const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

export function createSeal(secret: string): Seal {
  const key = hash('sha256', secret, 'buffer');
  return {
    seal: (text) => {
      const iv = Buffer.from(takeRandom(ivBytes));
      const cipher = createCipheriv(algorithm, key, iv);
      const content = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), content]).toString('base64url');
    },
    open: (sealed) => {
      const bytes = Buffer.from(sealed, 'base64url');
      if (bytes.length < ivBytes + tagBytes) return undefined;
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes });
      decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString('utf8');
      } catch {
        return undefined;
      }
    },
  };
}
