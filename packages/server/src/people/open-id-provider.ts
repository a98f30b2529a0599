import * as client from 'openid-client';
import { type Dispatcher, fetch, type RequestInit } from 'undici';
import { createDispatcher } from '../outbound/dispatcher.ts';
import type { Proxies } from '../outbound/proxies.ts';
import type { Clock } from '../platform/clock.ts';
import { type AccessRules, areEnough, type Claims } from './claims.ts';
import type { IdentityProvider, PendingSignIn } from './identity-provider.ts';
import { SignInRefusal } from './sign-in-refusal.ts';

export interface OpenIdProviderOptions {
  readonly issuer: string;
  readonly clientId: string;
  /** Secret. */
  readonly clientSecret: string;
  readonly scopes: string;
  /** What is asked of the provider beyond its ID token depends on them. */
  readonly rules: AccessRules;
  readonly proxies: Proxies;
  readonly clock: Pick<Clock, 'now'>;
}

/** Of one call to the provider. A sign-in makes four at most. */
const timeoutMs = 10_000;
const maxAnswerBytes = 1_000_000;
/** Its addresses are asked for again after this time. */
const knownMs = 3_600_000;

export function createOpenIdProvider(options: OpenIdProviderOptions): IdentityProvider {
  const { scopes, rules } = options;
  const calls = createCalls(options);
  const discover = rememberFor(() => discoverProvider(options, calls), options.clock);
  return {
    begin: (redirectUrl) =>
      refuse(async () => {
        const known = await discover();
        const codeVerifier = client.randomPKCECodeVerifier();
        const pending = { codeVerifier, state: client.randomState(), nonce: client.randomNonce() };
        const url = client.buildAuthorizationUrl(known, {
          redirect_uri: redirectUrl,
          scope: scopes,
          state: pending.state,
          nonce: pending.nonce,
          code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
          code_challenge_method: 'S256',
        });
        return { url: url.href, pending };
      }),
    finish: (returned, pending) => refuse(async () => readClaims(await discover(), { returned, pending, rules })),
    close: () => calls.close(),
  };
}

async function readClaims(
  known: client.Configuration,
  { returned, pending, rules }: { returned: URL; pending: PendingSignIn; rules: AccessRules },
): Promise<Claims> {
  const tokens = await client.authorizationCodeGrant(known, returned, {
    expectedState: pending.state,
    expectedNonce: pending.nonce,
    pkceCodeVerifier: pending.codeVerifier,
    idTokenExpected: true,
  });
  const claims = tokens.claims();
  if (!claims) throw new SignInRefusal('invalid');
  if (areEnough(claims, rules) || known.serverMetadata().userinfo_endpoint === undefined) return claims;
  return { ...(await client.fetchUserInfo(known, tokens.access_token, claims.sub)), ...claims };
}

/** The addresses of the provider. The signatures of its ID tokens are checked by its published keys. */
function discoverProvider(options: OpenIdProviderOptions, calls: Calls): Promise<client.Configuration> {
  const issuer = new URL(options.issuer);
  const { clientId, clientSecret } = options;
  // The settings allow http on this machine only.
  const insecure = issuer.protocol === 'http:' ? [client.allowInsecureRequests] : [];
  return client.discovery(issuer, clientId, clientSecret, undefined, {
    execute: [...insecure, client.enableNonRepudiationChecks],
    timeout: timeoutMs / 1_000,
    [client.customFetch]: calls.fetch,
  });
}

interface Calls {
  readonly fetch: client.CustomFetch;
  close(): Promise<void>;
}

const connections = {
  connections: 8,
  headersTimeout: timeoutMs,
  bodyTimeout: timeoutMs,
  maxResponseSize: maxAnswerBytes,
  allowH2: false,
};

/** One connection pool for direct calls, and one for those through the proxy. */
function createCalls({ proxies }: OpenIdProviderOptions): Calls {
  const dispatchers = new Map<string | undefined, Dispatcher>();
  const findDispatcher = (url: URL) => {
    const proxy = proxies.find(url);
    const known = dispatchers.get(proxy) ?? createDispatcher(connections, proxy);
    dispatchers.set(proxy, known);
    return known;
  };
  return {
    fetch: async (url, { body, ...given }) => {
      // The two declarations of the same interface differ in what a body may be; this one is a text or a form.
      const init = { ...given, body: body as RequestInit['body'] } as RequestInit;
      const answer = await fetch(url, { ...init, dispatcher: findDispatcher(new URL(url)) });
      // Read here, while the limits of the dispatcher and the signal hold.
      const bytes = await answer.arrayBuffer();
      const hasBody = bytes.byteLength > 0;
      return new Response(hasBody ? bytes : null, { status: answer.status, headers: [...answer.headers] });
    },
    close: async () => {
      await Promise.all([...dispatchers.values()].map((dispatcher) => dispatcher.destroy()));
    },
  };
}

/** Callers at the same time share one call. A failure is not remembered. */
function rememberFor<Value>(read: () => Promise<Value>, clock: Pick<Clock, 'now'>): () => Promise<Value> {
  let known: { readonly value: Promise<Value>; readonly until: number } | undefined;
  return () => {
    if (known && clock.now() < known.until) return known.value;
    const current = { value: read(), until: clock.now() + knownMs };
    known = current;
    current.value.catch(() => {
      if (known === current) known = undefined;
    });
    return current.value;
  };
}

/** Turns every failure of the library into a refusal. */
async function refuse<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SignInRefusal) throw error;
    throw new SignInRefusal(toReason(error), { cause: error });
  }
}

function toReason(error: unknown): 'denied' | 'invalid' | 'unavailable' {
  if (error instanceof client.AuthorizationResponseError) return 'denied';
  if (error instanceof client.ResponseBodyError) return 'invalid';
  const code = error instanceof client.ClientError ? error.code : undefined;
  return code === undefined || silences.has(code) ? 'unavailable' : 'invalid';
}

/** A call that was given up, or that something else than the provider answered, such as a proxy. */
const silences: ReadonlySet<string> = new Set(['OAUTH_TIMEOUT', 'OAUTH_ABORT', 'OAUTH_RESPONSE_IS_NOT_CONFORM']);
