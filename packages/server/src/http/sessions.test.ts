import { meSchema, sessionListSchema, signInWaysSchema } from '@darkroom/protocol';
import { describe, expect, it, vi } from 'vitest';
import { requestsUrl, useApp } from '../../test/app-harness.ts';
import { beginSession, type TestSession } from '../../test/begin-session.ts';
import { housePrefix, signInPath } from './prefixes.ts';

const app = useApp();

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const meUrl = `${housePrefix}/me`;

const call = ({ token, headers }: Pick<TestSession, 'token' | 'headers'>, url = meUrl, more = {}) =>
  app.current.app.inject({ url, ...more, headers: { ...headers, authorization: `Bearer ${token}` } });

const readMe = async (session: TestSession) => meSchema.parse((await call(session)).json());

describe('a call by a session', () => {
  it('acts for the person’s organization, by a row that stands among the keys', async () => {
    const session = await beginSession(app.current.sessions);
    const { id: session_id, apiKeyId } = session;
    expect(await readMe(session)).toMatchObject({
      api_key_id: apiKeyId,
      organization_id: 'org-a',
      scopes: ['read', 'submit', 'manage'],
      is_admin: false,
      person: { name: 'pia@acme.example', session_id },
    });
    const payload = { model: 'gemini-3-pro-image-preview', payload: { prompt: 'a' } };
    const submitted = await call(session, requestsUrl, { method: 'POST', payload });
    const request = await app.current.store.requests.find('org-a', submitted.json().request_id);
    expect(request).toMatchObject({ apiKeyId, organizationId: 'org-a' });
  });

  it('is limited, like a key, by the limits that the operator gives the person’s row', async () => {
    const session = await beginSession(app.current.sessions);
    await app.current.admin('PATCH', `/keys/${session.apiKeyId}`, { limits: { requests_per_minute: 1 } });
    const submit = () => {
      const payload = { model: 'gemini-3-pro-image-preview', payload: { prompt: 'a' } };
      return call(session, requestsUrl, { method: 'POST', payload });
    };
    expect([(await submit()).statusCode, (await submit()).json().code]).toEqual([200, 'rate_limited']);
  });

  it('is refused without its cookie, without its token, and with a forged half or that of another session', async () => {
    const { sessions } = app.current;
    const [mine, other] = [await beginSession(sessions), await beginSession(sessions, { 'org-b': 'admin' }, 'olga')];
    const forgedToken = mine.token.replace(/.{43}$/, 'x'.repeat(43));
    const forgedCookie = mine.headers.cookie.replace(/.{32}$/, 'x'.repeat(32));
    const none = { cookie: '' };
    for (const [token, headers] of [
      [mine.token, none],
      [forgedToken, mine.headers],
      [mine.token, { cookie: forgedCookie }],
      [mine.token, other.headers],
      [other.token, mine.headers],
      ['ds_', mine.headers],
    ] as const) {
      const reply = await call({ token, headers });
      expect([reply.statusCode, reply.json().error]).toEqual([401, 'Your session has ended: sign in again.']);
    }
    const cookieAlone = await app.current.app.inject({ url: meUrl, headers: mine.headers });
    expect([cookieAlone.statusCode, cookieAlone.json().error]).toEqual([401, expect.stringMatching(/key is missing/)]);
    expect((await call(mine)).statusCode).toBe(200);
  });

  it('may do what the role allows in the organization that it is made for', async () => {
    const roles = { 'org-a': 'viewer', 'org-b': 'admin' } as const;
    const session = await beginSession(app.current.sessions, roles);
    const inB = { ...session, headers: { ...session.headers, 'x-organization-id': 'org-b' } };
    const codes = async (one: TestSession) => [
      (await call(one, requestsUrl)).statusCode,
      (await call(one, requestsUrl, { method: 'POST', payload: {} })).json().code,
      (await call(one, '/api/v1/admin/keys')).statusCode,
    ];
    expect(await codes(session)).toEqual([200, 'scope_required', 403]);
    expect(await codes(inB)).toEqual([200, 'invalid_request', 200]);
  });

  it('is refused once the session is idle or old, revoked, or its person is', async () => {
    const { sessions, clock, store } = app.current;
    const idle = await beginSession(sessions);
    clock.advance(2 * hourMs - 1);
    expect((await call(idle)).statusCode).toBe(200);
    await expect.poll(async () => (await store.sessions.find(idle.id))?.lastSeenAt).toBe(clock.now());
    clock.advance(2 * hourMs);
    expect((await call(idle)).statusCode).toBe(401);

    const old = await beginSession(sessions);
    for (let hours = 1; hours < 12; hours += 1) {
      clock.advance(hourMs);
      expect((await call(old)).statusCode).toBe(200);
      await expect.poll(async () => (await store.sessions.find(old.id))?.lastSeenAt).toBe(clock.now());
    }
    clock.advance(hourMs);
    expect((await call(old)).statusCode).toBe(401);

    const revoked = await beginSession(sessions);
    expect((await app.current.admin('DELETE', `/sessions/${revoked.id}`)).statusCode).toBe(204);
    expect((await app.current.admin('DELETE', `/sessions/${revoked.id}`)).statusCode).toBe(404);
    expect((await call(revoked)).statusCode).toBe(401);

    const locked = await beginSession(sessions);
    await app.current.admin('DELETE', `/keys/${locked.apiKeyId}`);
    expect((await call(locked)).statusCode).toBe(401);
    await expect(beginSession(sessions)).rejects.toThrow();
  });

  it('that stays open ends soon after its session, and not those of other sessions of the person', async () => {
    const { sessions, clock, store } = app.current;
    const [ended, left] = [await beginSession(sessions), await beginSession(sessions)];
    const payload = { model: 'gemini-3-pro-image-preview', payload: { prompt: 'a' } };
    const { request_id: id } = (await call(ended, requestsUrl, { method: 'POST', payload })).json();
    const [stream, other] = [ended, left].map((one) => call(one, `${requestsUrl}/${id}/events`));
    await app.current.admin('DELETE', `/sessions/${ended.id}`);
    await vi.waitUntil(() => clock.sleeping > 0, { interval: 2 });
    clock.advance(2_000);
    expect((await stream)?.body).not.toContain('success');
    await store.requests.cancel('org-a', id, clock.now());
    expect((await other)?.body).toContain('cancelled');
  });

  it('writes that the session is used at most once a minute', async () => {
    const { sessions, clock, store } = app.current;
    const session = await beginSession(sessions);
    const seen = async () => (await store.sessions.find(session.id))?.lastSeenAt;
    const begun = clock.now();
    clock.advance(minuteMs - 1);
    await call(session);
    clock.advance(1);
    await call(session);
    await expect.poll(seen).toBe(begun + minuteMs);
    clock.advance(minuteMs - 1);
    await call(session);
    expect(await seen()).toBe(begun + minuteMs);
  });
});

describe('the sign-in page', () => {
  const readWays = async (headers: Record<string, string>) => {
    const reply = await app.current.app.inject({ url: signInPath, headers });
    expect(reply.headers['cache-control']).toBe('no-store');
    return signInWaysSchema.parse(reply.json());
  };

  it('gets the token of a session from its cookie, but pages of other sites do not', async () => {
    const session = await beginSession(app.current.sessions);
    expect(await readWays(session.headers)).toEqual({ openid_connect: null, session_token: session.token });
    expect(await readWays({ ...session.headers, 'sec-fetch-site': 'same-origin' })).toMatchObject({
      session_token: session.token,
    });
    for (const site of ['same-site', 'cross-site'])
      expect(await readWays({ ...session.headers, 'sec-fetch-site': site })).toMatchObject({ session_token: null });
    expect(await readWays({ cookie: 'darkroom-session=forged' })).toMatchObject({ session_token: null });
  });

  it('signs out whoever has both halves, and takes the cookie back', async () => {
    const session = await beginSession(app.current.sessions);
    const signOut = (headers: Record<string, string>) =>
      app.current.app.inject({ method: 'DELETE', url: signInPath, headers });
    expect((await signOut(session.headers)).statusCode).toBe(401);
    expect((await call(session)).statusCode).toBe(200);
    const reply = await signOut({ ...session.headers, authorization: `Bearer ${session.token}` });
    expect([reply.statusCode, reply.headers['set-cookie']]).toEqual([
      204,
      'darkroom-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict',
    ]);
    expect((await call(session)).statusCode).toBe(401);
    expect(await readWays(session.headers)).toMatchObject({ session_token: null });
  });
});

describe('the operator', () => {
  it('reads the sessions page by page, the last sign-ins first', async () => {
    const { sessions, admin } = app.current;
    const [first, second] = [await beginSession(sessions), await beginSession(sessions)];
    const page = sessionListSchema.parse((await admin('GET', '/sessions?limit=1')).json());
    expect(page).toMatchObject({
      sessions: [
        { id: second.id, name: 'pia@acme.example', is_active: true, address: '203.0.113.9', browser: 'Firefox' },
      ],
      has_more: true,
    });
    const next = sessionListSchema.parse((await admin('GET', `/sessions?cursor=${page.next_cursor}`)).json());
    expect(next).toMatchObject({ sessions: [{ id: first.id }], has_more: false });
    expect((await app.current.call({ url: '/api/v1/admin/sessions' })).statusCode).toBe(403);
  });

  it('can neither give a person’s row a text nor other scopes', async () => {
    const { sessions, admin, store } = app.current;
    const { apiKeyId } = await beginSession(sessions);
    expect((await admin('POST', `/keys/${apiKeyId}/rotate`, {})).json().code).toBe('invalid_request');
    expect((await admin('PATCH', `/keys/${apiKeyId}`, { scopes: ['admin'] })).json().code).toBe('invalid_request');
    expect((await admin('PATCH', `/keys/${apiKeyId}`, { name: 'Pia' })).json()).toMatchObject({
      name: 'Pia',
      person: { subject: 'pia', roles: { 'org-a': 'member' } },
    });
    expect(await store.keys.find(apiKeyId)).toMatchObject({ scopes: ['read', 'submit', 'manage'] });
  });
});
