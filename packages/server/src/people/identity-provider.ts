import type { Claims } from './claims.ts';

/** A provider of OpenID Connect, as far as a sign-in needs it. Every answer of it is bounded in time and size. */
export interface IdentityProvider {
  /** Where to send the browser, and what must be known when it comes back. Rejects with a `SignInRefusal`. */
  begin(redirectUrl: string): Promise<{ readonly url: string; readonly pending: PendingSignIn }>;
  /** What the provider says of the person who comes back at this address. Rejects with a `SignInRefusal`. */
  finish(returned: URL, pending: PendingSignIn): Promise<Claims>;
  /** Closes the connections; calls under way fail. */
  close(): Promise<void>;
}

/** The secrets of one sign-in; OpenID Connect says what each is for. */
export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}
