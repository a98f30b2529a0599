import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openIdReturnPath } from '../../src/http/prefixes.ts';
import { clientId, clientSecret, startIdentityProvider, type TestProvider } from '../fakes/identity-provider.ts';
import { timeout } from './console-page.ts';
import { listViolations, makePicture, useConsole } from './use-console.ts';

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

/** Somebody with a session has gone on to the studio. */
const isSignedIn = (page: Page) => page.getByRole('button', { name: 'Sign out' }).waitFor();
const isAtSignIn = (page: Page) => page.getByRole('button', { name: 'Sign in' }).waitFor();

const sessions = async () => (await darkroom.server.admin.sessions()).sessions;

describe('a person who signs in through a provider, in a browser', () => {
  it('acts for the organization of the group, with a row among the keys, until somebody signs out', {
    timeout,
  }, async () => {
    await visit('olga', async (page) => {
      await page.getByRole('link', { name: 'Sessions' }).click();
      const row = page.getByRole('row', { name: 'olga@acme.example' });
      await row.getByText('signed in here').waitFor();
      expect(await listViolations(page)).toEqual([]);
      expect(page.url()).toBe(`${darkroom.server.url}/sessions`);
      const cookies = await page.context().cookies(darkroom.server.url);
      const cookie = cookies.find(({ name }) => name === 'darkroom-session');
      expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', secure: false });

      await page.getByRole('link', { name: 'Studio' }).click();
      await makePicture(page, 'What should the picture show?', 'a lighthouse');
      const { keys } = await darkroom.server.admin.keys();
      const person = keys.find(({ name }) => name === 'olga@acme.example');
      expect(person).toMatchObject({
        organization_ids: ['acme'],
        scopes: ['read', 'submit', 'manage', 'admin'],
        person: { issuer: provider.issuer, subject: 'olga', roles: { acme: 'admin' } },
      });
      await page.reload();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await isAtSignIn(page);
      expect((await page.context().cookies(darkroom.server.url)).map(({ name }) => name)).not.toContain(cookie?.name);
      await expect.poll(async () => (await sessions()).map((session) => session.is_active)).toEqual([false]);
    });
  });

  it('sees what the role allows, and is signed out when an operator ends the session', { timeout }, async () => {
    const useConsole: Visit = async (page) => {
      await isSignedIn(page);
      expect(await page.getByRole('link', { name: 'Keys' }).count()).toBe(0);
      const session = (await sessions()).find(({ name }) => name === 'pia@acme.example');
      await darkroom.server.admin.endSession(session?.id ?? '');
      await page.getByRole('link', { name: 'Gallery' }).click();
      await page.getByText('Your session has ended: sign in again.').waitFor();
      await isAtSignIn(page);
    };
    await visit('pia', useConsole, /401/);
  });

  it('is refused with a sentence when no group may sign in, or the provider says no', { timeout }, async () => {
    await visit('stranger', async (page) => {
      await page.getByText('You are in no group that may use this Darkroom.').waitFor();
      await page.getByRole('link', { name: 'Sign in with Acme' }).waitFor();
      expect(await listViolations(page)).toEqual([]);
      expect(page.url()).toBe(`${darkroom.server.url}/`);
    });
    await visit('nobody', (page) => page.getByText('The provider did not sign you in.').waitFor());
  });
});
