import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration } from 'oidc-provider';

/** A real provider of OpenID Connect, with people who sign in by a click on their name. */
export interface TestProvider {
  readonly issuer: string;
  /** Begins to serve a client that the provider sends back to this address. */
  admit(returnUrl: string): void;
  stop(): Promise<void>;
}

export const clientId = 'darkroom';
export const clientSecret = 'a-secret-of-the-test';

/** By their id at the provider. */
const people: Readonly<Record<string, readonly string[]>> = {
  olga: ['operators', 'staff'],
  pia: ['painters'],
  stranger: ['accounting'],
};

export async function startIdentityProvider(): Promise<TestProvider> {
  let answer: ReturnType<Provider['callback']> | undefined;
  const server = createServer((request, response) => {
    void answer?.(request, response);
  });
  const issuer = await listen(server);
  return {
    issuer,
    admit: (returnUrl) => {
      answer = createProvider(issuer, returnUrl).callback();
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return `http://127.0.0.1:${port}`;
}

const ttl = 600;

function createProvider(issuer: string, returnUrl: string): Provider {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const client = { client_id: clientId, client_secret: clientSecret, redirect_uris: [returnUrl] };
  const configuration: Configuration = {
    clients: [{ ...client, grant_types: ['authorization_code'], response_types: ['code'] }],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig' }] },
    cookies: { keys: ['a key of the test'] },
    scopes: ['openid', 'profile', 'email', 'groups'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], groups: ['groups'] },
    pkce: { required: () => true },
    ttl: { AccessToken: ttl, AuthorizationCode: ttl, Grant: ttl, IdToken: ttl, Interaction: ttl, Session: ttl },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/people/${uid}` },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@acme.example`, email_verified: true, groups: [...(people[id] ?? [])] }),
    }),
    // Nobody is asked what Darkroom may know of them.
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({ clientId: clientId, accountId: oidc.session?.accountId ?? '' });
      grant.addOIDCScope('openid profile email groups');
      await grant.save();
      return grant;
    },
  };
  const provider = new Provider(issuer, configuration);
  choosePerson(provider);
  return provider;
}

/** A page with a link for each person, and the addresses behind the links. */
function choosePerson(provider: Provider): void {
  provider.use(async (context, next) => {
    const [, uid, id] = /^\/people\/([^/]+)(?:\/(\w+))?$/.exec(context.path) ?? [];
    if (uid === undefined) return next();
    if (id === undefined) {
      const links = Object.keys(people).map((name) => `<a href="/people/${uid}/${name}">${name}</a>`);
      context.type = 'html';
      context.body = `<!doctype html><title>Who are you?</title><link rel="icon" href="data:,">${links.join(' ')}<a href="/people/${uid}/nobody">nobody</a>`;
      return;
    }
    const result =
      id === 'nobody'
        ? { error: 'access_denied', error_description: 'Nobody signed in.' }
        : { login: { accountId: id } };
    context.redirect(await provider.interactionResult(context.req, context.res, result));
  });
}

/** Signs a person in, as a browser would that was sent to the provider; resolves to the address that it is sent back to. */
export async function signInThere(url: string, id: string): Promise<URL> {
  const cookies = new Map<string, string>();
  const { origin } = new URL(url);
  let next = new URL(url);
  while (next.origin === origin) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const reply = await fetch(next, { redirect: 'manual', headers: { cookie } });
    for (const [, name = '', value = ''] of reply.headers
      .getSetCookie()
      .map((text) => /^([^=]+)=([^;]*)/.exec(text) ?? []))
      cookies.set(name, value);
    const location = reply.headers.get('location');
    if (location === null) throw new Error(`The provider answered ${reply.status}: ${await reply.text()}`);
    const target = new URL(location, next);
    const isPage = target.origin === origin && /^\/people\/[^/]+$/.test(target.pathname);
    next = isPage ? new URL(`${target.pathname}/${id}`, origin) : target;
  }
  return next;
}
