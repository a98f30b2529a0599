import { hashApiKey, isSameHash } from '../core/api-keys.ts';
import type { Clock } from '../platform/clock.ts';
import { createSecret } from '../platform/ids.ts';
import type { KeyStore } from '../store/key-store.ts';
import { createApiKey } from './api-keys.ts';

/** Signs operators in without a key, with a code that this process printed. Codes are forgotten when the process ends. */
export interface SignIn {
  /** Returns a new code, valid for one use within an hour. The previous code is no longer valid. */
  issue(): string;
  /** Uses up the code and creates an admin key. `undefined`: the code is wrong, used or too old. */
  redeem(code: string): Promise<string | undefined>;
}

export interface SignInOptions {
  readonly keys: KeyStore;
  readonly clock: Clock;
}

const validMs = 3_600_000;

/** Only the hash of the code is kept. With its 256 random bits, the code cannot be guessed however often someone tries. */
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
      // Cleared before any await, so that only one of two simultaneous calls gets a key.
      issued = undefined;
      return createApiKey(keys, { name: 'console', isAdmin: true, now });
    },
  };
}
