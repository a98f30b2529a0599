import { signInReplySchema } from '@darkroom/protocol';
import { describe, expect, it } from 'vitest';
import { requestsUrl, useApp } from '../../../test/app-harness.ts';

const app = useApp();

const post = (payload: object | string) =>
  app.current.app.inject({
    method: 'POST',
    url: '/api/v1/sign-in',
    payload,
    headers: { 'content-type': 'application/json' },
  });

describe('a sign-in link', () => {
  it('is exchanged for an admin key, which no cache on the way may keep', async () => {
    const reply = await post({ code: app.current.signIn.issue() });
    expect([reply.statusCode, reply.headers['cache-control']]).toEqual([200, 'no-store']);
    const { api_key } = signInReplySchema.parse(reply.json());
    expect((await app.current.call({ url: requestsUrl }, api_key)).statusCode).toBe(200);
    expect((await app.current.call({ url: '/api/v1/admin/budgets' }, api_key)).statusCode).toBe(200);
  });

  it('that was used, or does not exist, is refused with what to do instead', async () => {
    const code = app.current.signIn.issue();
    await post({ code });
    for (const unusable of [code, 'guessed']) {
      const reply = await post({ code: unusable });
      expect([reply.statusCode, reply.headers['cache-control']]).toEqual([401, 'no-store']);
      expect(reply.json()).toMatchObject({
        code: 'unauthorized',
        error: expect.stringMatching(/API key.*start Darkroom/),
      });
    }
  });

  it.each([
    ['no code', {}, 400, /^code must be the code of the link/],
    ['a long code', { code: 'x'.repeat(201) }, 400, /^code must be the code of the link/],
    ['no object', 'null', 400, /must be a JSON object/],
    ['a large body', { code: 'x'.repeat(2_000) }, 413, /larger than 1 KiB\.$/],
  ])('is not searched for in a body that cannot hold one: %s', async (_name, payload, status, words) => {
    const reply = await post(payload);
    expect([reply.statusCode, reply.json().error]).toEqual([status, expect.stringMatching(words)]);
  });
});

describe('a sign-in with a key', () => {
  const signInWith = (key: string) => app.current.call({ method: 'POST', url: '/api/v1/sign-in/key' }, key);
  const readAudit = async () =>
    (await app.current.admin('GET', '/audit?limit=10')).json().entries as { action: string; target: string }[];

  it('is noted once an hour, and gives nothing', async () => {
    for (let times = 0; times < 2; times += 1) {
      const reply = await signInWith(app.current.key);
      expect([reply.statusCode, reply.body]).toEqual([204, '']);
    }
    expect((await readAudit()).map(({ action }) => action)).toEqual(['console.signed_in']);
    app.current.clock.advance(3_600_000);
    await signInWith(app.current.key);
    expect(await readAudit()).toHaveLength(2);
  });

  it('reads no large body of somebody who has proved nothing', async () => {
    const payload = 'x'.repeat(2_000);
    const reply = await app.current.app.inject({ method: 'POST', url: '/api/v1/sign-in/key', payload });
    expect(reply.statusCode).toBe(413);
  });

  it('is refused and noted for a wrong key, and for one that may not read', async () => {
    const made = await app.current.admin('POST', '/keys', { name: 'Robot', scopes: ['submit'] });
    const replies = [await signInWith(`${app.current.key}x`), await signInWith(made.json().api_key)];
    expect(replies.map((reply) => [reply.statusCode, reply.json().code])).toEqual([
      [401, 'unauthorized'],
      [403, 'scope_required'],
    ]);
    const refused = (await readAudit()).filter(({ action }) => action === 'console.sign_in_refused');
    expect(refused).toHaveLength(2);
    expect(JSON.stringify(refused)).not.toContain(app.current.key);
  });
});
