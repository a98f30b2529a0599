import { hashApiKey, isSameHash } from '../core/api-keys.ts';
import type { Clock } from '../platform/clock.ts';
import { createSecret } from '../platform/ids.ts';
import type { KeyStore } from '../store/key-store.ts';
import { createApiKey } from './api-keys.ts';

/** Signing in without a key, by a code that this process has told its operator. It forgets codes with its end. */
export interface SignIn {
  /** A fresh code, good for one use within an hour. The one before is worth nothing from now on. */
  issue(): string;
  /** Uses the code up and makes an admin key. `undefined`: the code is wrong, used or too old. */
  redeem(code: string): Promise<string | undefined>;
}

export interface SignInOptions {
  readonly keys: KeyStore;
  readonly clock: Clock;
}

const validMs = 3_600_000;

/** Of the code only the hash is kept; its 256 bits of chance leave nothing to guess, however often somebody tries. */
export function createSignIn({ keys, clock }: SignInOptions): SignIn {
  let issued: { readonly hash: string; readonly until: number } | undefined;
  return {
    issue: () => {
      const code = createSecret(256);
      issued = { hash: hashApiKey(code), until: clock.now() + validMs };
      return code;
    },
    redeem: async (code) => {
      const now = clock.now();
      if (!issued || now >= issued.until || !isSameHash(hashApiKey(code), issued.hash)) return undefined;
      // Before anything is waited for: of two that come together one gets a key.
      issued = undefined;
      return createApiKey(keys, { name: 'console', isAdmin: true, now });
    },
  };
}
