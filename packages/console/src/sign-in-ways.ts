import { DarkroomError } from '@darkroom/client';
import type { SignInReply, SignInWays } from '@darkroom/protocol';

const address = '/api/v1/sign-in';

/** Where a browser begins a sign-in through the provider. */
export const openIdAddress = `${address}/openid-connect`;

const longestWaitMs = 10_000;

/** How visitors can sign in, and the token of somebody who has just done so through the provider. */
export async function readSignInWays(): Promise<SignInWays> {
  return (await call(address)).json();
}

/** Checks the key. Rejects with a `DarkroomError` when it cannot be used here. */
export async function beginWithKey(apiKey: string): Promise<void> {
  await call(`${address}/key`, { method: 'POST', headers: { authorization: `Bearer ${apiKey}` } });
}

/** Exchanges the code of a link for a key. The code is sent only once, because a second time it would be refused. */
export async function redeem(code: string): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const response = await call(address, { method: 'POST', headers, body: JSON.stringify({ code }) });
  const reply: SignInReply = await response.json();
  return reply.api_key;
}

async function call(url: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(longestWaitMs) });
  if (!response.ok) throw new DarkroomError(response.status, await response.json().catch(() => ({})));
  return response;
}

/** A session's token takes the place of a key. It is worth nothing without the cookie, which pages cannot read. */
export function isSessionToken(apiKey: string): boolean {
  return apiKey.startsWith('ds_');
}

/** Goes on when the page is closed. A session that is not reached ends by itself when it was not used for a while. */
export function endSession(token: string): void {
  const init = { method: 'DELETE', headers: { authorization: `Bearer ${token}` }, keepalive: true };
  fetch(address, init).catch(() => undefined);
}

const refusals: Readonly<Record<string, string>> = {
  unavailable: 'The provider does not answer at the moment. Try again soon, or sign in with an API key.',
  busy: 'Too many people are signing in at this moment. Try again in a few seconds.',
  denied: 'The provider did not sign you in.',
  lost: 'This sign-in was not begun in this browser, or took too long. Please begin again.',
  invalid: 'The answer of the provider could not be accepted. Darkroom’s log says why.',
  domain: 'Your account has no verified e-mail address of a domain that may sign in here.',
  group: 'You are in no group that may use this Darkroom. Ask its operator for access.',
  ended: 'An operator has ended your access.',
};

/** A sentence for why a sign-in through the provider was refused. */
export function toRefusal(reason: string): string {
  return (Object.hasOwn(refusals, reason) && refusals[reason]) || 'The sign-in was refused.';
}
