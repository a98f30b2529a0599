import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  clientId,
  clientSecret,
  signInThere,
  startIdentityProvider,
  type TestProvider,
} from '../../test/fakes/identity-provider.ts';
import { ManualClock } from '../../test/fakes/manual-clock.ts';
import { ScriptedServer } from '../../test/fakes/scripted-server.ts';
import { noProxies, Proxies } from '../outbound/proxies.ts';
import { createOpenIdProvider, type OpenIdProviderOptions } from './open-id-provider.ts';

const returnUrl = 'http://127.0.0.1:4600/api/v1/sign-in/openid-connect/callback';
let real: TestProvider;
beforeAll(async () => {
  real = await startIdentityProvider();
  real.admit(returnUrl);
});
afterAll(() => real.stop());

const open = (changes: Partial<OpenIdProviderOptions> = {}) =>
  createOpenIdProvider({
    issuer: real.issuer,
    clientId,
    clientSecret,
    scopes: 'openid email groups',
    rules: {
      groupsClaim: 'groups',
      groups: [{ group: 'painters', organization: 'acme', role: 'member' }],
      domains: [],
    },
    proxies: noProxies,
    clock: new ManualClock(),
    ...changes,
  });

async function begin(id = 'pia', changes: Partial<OpenIdProviderOptions> = {}) {
  const provider = open(changes);
  const { url, pending } = await provider.begin(returnUrl);
  return { provider, url, pending, returned: await signInThere(url, id) };
}

describe('a provider of OpenID Connect', () => {
  it('says who came back, with the claims of its user info when the ID token has too few', async () => {
    const { provider, url, pending, returned } = await begin();
    expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject({
      client_id: clientId,
      redirect_uri: returnUrl,
      response_type: 'code',
      code_challenge_method: 'S256',
      state: pending.state,
      nonce: pending.nonce,
    });
    expect(url).not.toContain(pending.codeVerifier);
    expect(await provider.finish(returned, pending)).toMatchObject({
      iss: real.issuer,
      sub: 'pia',
      groups: ['painters'],
      email: 'pia@acme.example',
      email_verified: true,
    });
    await provider.close();
  });

  it('is not believed with another state, nonce or code verifier, nor twice', async () => {
    const { provider, pending, returned } = await begin();
    const forge = async (changes: object) => {
      const one = await begin();
      await one.provider.close();
      return provider.finish(one.returned, { ...one.pending, ...changes });
    };
    const other = 'x'.repeat(43);
    for (const name of ['state', 'nonce', 'codeVerifier'])
      await expect(forge({ [name]: other }), name).rejects.toMatchObject({ reason: 'invalid' });
    await provider.finish(returned, pending);
    await expect(provider.finish(returned, pending)).rejects.toMatchObject({ reason: 'invalid' });
    await provider.close();
  });

  it('may refuse the person', async () => {
    const { provider, pending, returned } = await begin('nobody');
    await expect(provider.finish(returned, pending)).rejects.toMatchObject({ reason: 'denied' });
    await provider.close();
  });

  it('is unavailable when it does not answer, or answers with something else, or too much', async () => {
    const server = await ScriptedServer.start();
    const refused = async (issuer: string, proxies = noProxies) => {
      const provider = open({ issuer, proxies });
      await expect(provider.begin(returnUrl)).rejects.toMatchObject({ name: 'SignInRefusal', reason: 'unavailable' });
      await provider.close();
    };
    await refused('http://127.0.0.1:1');
    server.answer((response) => response.writeHead(502).end('<html>'));
    await refused(server.origin);
    server.answer((response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(' '.repeat(1_000_001)),
    );
    await refused(server.origin);
    // A proxy that is not there: nothing goes around it.
    await refused('https://login.example', new Proxies({ httpsProxy: 'http://127.0.0.1:1' }));
    await server.close();
  });
});
