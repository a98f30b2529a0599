import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/fakes/manual-clock.ts';
import type { By } from '../core/audit.ts';
import { createLogger } from '../platform/logger.ts';
import { openSqliteStore } from '../store/sqlite/open-sqlite-store.ts';
import type { Store } from '../store/store.ts';
import type { IdentityProvider } from './identity-provider.ts';
import { createOpenIdSignIn, type OpenIdSignIn } from './open-id-sign-in.ts';
import { createSeal } from './sealed.ts';
import { createSessions } from './sessions.ts';
import { SignInRefusal } from './sign-in-refusal.ts';

const from = { address: '192.0.2.7', browser: 'Firefox' };
const issuer = 'https://login.example';

let store: Store;
let clock: ManualClock;
let refusals: [By, string][];
let signIn: OpenIdSignIn;
/** What the provider says of whoever comes back. */
let finish: IdentityProvider['finish'];
/** The address that the provider was last asked about. */
let asked: URL | undefined;

beforeEach(() => {
  store = openSqliteStore({ file: ':memory:' });
  clock = new ManualClock();
  refusals = [];
  asked = undefined;
  finish = async () => ({ sub: 'pia', groups: ['painters'], name: 'Pia' });
  const pending = { state: 'the-state', nonce: 'the-nonce', codeVerifier: 'the-verifier' };
  const logger = createLogger('silent');
  signIn = createOpenIdSignIn({
    name: 'Acme',
    issuer,
    rules: {
      groupsClaim: 'groups',
      groups: [{ group: 'painters', organization: 'acme', role: 'member' }],
      domains: [],
    },
    provider: {
      begin: async (redirectUrl) => ({ url: `${issuer}/authorize?redirect_uri=${redirectUrl}`, pending }),
      finish: (returned, given) => {
        asked = returned;
        expect(given).toMatchObject(pending);
        return finish(returned, given);
      },
      close: async () => undefined,
    },
    sessions: createSessions({ ...store, idleMs: 60_000, lifetimeMs: 120_000, clock, logger }),
    seal: createSeal('a secret of the service'),
    noteRefusal: async (by, reason) => void refusals.push([by, reason]),
    returnUrl: () => 'http://darkroom.example/callback',
    clock,
    logger,
  });
});
afterEach(() => store.close());

const query = 'code=the-code&state=the-state';

describe('a sign-in through a provider', () => {
  it('begins without a trace here, and ends with a session', async () => {
    const { url, kept } = await signIn.begin();
    expect(url).toBe(`${issuer}/authorize?redirect_uri=http://darkroom.example/callback`);
    for (const secret of ['the-state', 'the-nonce', 'the-verifier'])
      expect([kept, Buffer.from(kept, 'base64url').toString('latin1')].join()).not.toContain(secret);
    expect((await store.sessions.list({ limit: 1 })).length).toBe(0);

    const { apiKeyId, lifetimeMs } = await signIn.finish({ query, kept }, from);
    expect([asked?.href, lifetimeMs]).toEqual([`http://darkroom.example/callback?${query}`, 120_000]);
    expect(await store.keys.find(apiKeyId)).toMatchObject({
      name: 'Pia',
      organizationIds: ['acme'],
      person: { issuer, subject: 'pia', roles: { acme: 'member' } },
    });
    expect(await store.sessions.list({ limit: 2 })).toMatchObject([{ ...from, name: 'Pia', apiKeyId }]);
  });

  it('is lost in another browser, with a forged state, and after ten minutes', async () => {
    const { kept } = await signIn.begin();
    const forged = createSeal('another secret').seal(JSON.stringify({ state: 'the-state', until: Infinity }));
    for (const answer of [
      { query, kept: undefined },
      { query, kept: forged },
      { query, kept: `${kept.slice(0, -2)}xx` },
      { query, kept: 'x' },
      { query: 'code=the-code&state=forged', kept },
      { query: 'code=the-code', kept },
    ])
      await expect(signIn.finish(answer, from)).rejects.toMatchObject({ reason: 'lost' });
    clock.advance(600_000);
    await expect(signIn.finish({ query, kept }, from)).rejects.toMatchObject({ reason: 'lost' });
    // Strangers can be refused like this as often as they like: the provider is not asked, and nothing is noted.
    expect([asked, refusals]).toEqual([undefined, []]);
  });

  it('is refused, with a note of who it was, when no rule admits the person or an operator has ended their access', async () => {
    const { kept } = await signIn.begin();
    const { apiKeyId } = await signIn.finish({ query, kept }, from);
    await store.keys.revoke(apiKeyId, clock.now());
    await expect(signIn.finish({ query, kept }, from)).rejects.toMatchObject({ reason: 'ended' });
    finish = async () => ({ sub: 'mallory', groups: [] });
    await expect(signIn.finish({ query, kept }, from)).rejects.toMatchObject({ reason: 'group' });
    finish = () => Promise.reject(new SignInRefusal('denied'));
    await expect(signIn.finish({ query, kept }, from)).rejects.toMatchObject({ reason: 'denied' });
    expect(refusals.map(([{ actor }, reason]) => [actor.kind, actor.id, actor.address, reason])).toEqual([
      ['person', 'pia', '192.0.2.7', expect.stringContaining('ended')],
      ['person', 'mallory', '192.0.2.7', expect.stringContaining('group')],
      ['unknown', 'openid-connect', '192.0.2.7', expect.stringContaining('refused')],
    ]);
  });

  it('is put off while the provider leaves many others waiting', async () => {
    const { kept } = await signIn.begin();
    let answer: (() => void) | undefined;
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    finish = () => answered.then(() => ({ sub: 'pia', groups: ['painters'] }));
    const waiting = Array.from({ length: 32 }, () => signIn.finish({ query, kept }, from));
    await expect(signIn.finish({ query, kept }, from)).rejects.toMatchObject({ reason: 'busy' });
    answer?.();
    await Promise.all(waiting);
    await signIn.finish({ query, kept }, from);
  });
});
