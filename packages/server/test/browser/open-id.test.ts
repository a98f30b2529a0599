import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openIdReturnPath } from '../../src/http/prefixes.ts';
import { clientId, clientSecret, startIdentityProvider, type TestProvider } from '../fakes/identity-provider.ts';
import { timeout } from './console-page.ts';
import { useConsole } from './use-console.ts';

let provider: TestProvider;

const darkroom = useConsole(async () => {
  provider = await startIdentityProvider();
  return {
    DARKROOM_OIDC_ISSUER: provider.issuer,
    DARKROOM_OIDC_CLIENT_ID: clientId,
    DARKROOM_OIDC_CLIENT_SECRET: clientSecret,
    DARKROOM_OIDC_SCOPES: 'openid profile email groups',
    DARKROOM_OIDC_NAME: 'Acme',
    DARKROOM_OIDC_GROUPS: JSON.stringify([
      { group: 'operators', organization: 'acme', role: 'admin' },
      { group: 'painters', organization: 'acme', role: 'viewer' },
    ]),
  };
});

beforeAll(() => provider.admit(`${darkroom.server.url}${openIdReturnPath}`));
afterAll(() => provider.stop());

type Visit = Parameters<typeof darkroom.visit>[1];

/** Goes to the provider from the sign-in page and chooses a person there. */
const signInAs =
  (id: string, use: Visit): Visit =>
  async (page) => {
    await page.getByRole('link', { name: 'Sign in with Acme' }).click();
    await page.getByRole('link', { name: id }).click();
    await use(page);
  };

const visit = (id: string, use: Visit, forgives?: RegExp) =>
  darkroom.visit('/', signInAs(id, use), {
    key: null,
    forgives: new RegExp(`^asked ${provider.issuer}${forgives ? `|${forgives.source}` : ''}`),
  });

describe('a person who signs in through a provider, in a browser', () => {
  it('acts for the organization of the group, and has a row among the keys', { timeout }, async () => {
    await visit('olga', async (page) => {
      await page.getByRole('link', { name: 'Sessions' }).click();
      const row = page.getByRole('row', { name: 'olga@acme.example' });
      await row.getByText('signed in here').waitFor();
      expect(page.url()).toBe(`${darkroom.server.url}/sessions`);
      const [cookie] = await page.context().cookies(darkroom.server.url);
      expect(cookie).toMatchObject({ name: 'darkroom-session', httpOnly: true, sameSite: 'Strict', secure: false });
    });
  });
});
