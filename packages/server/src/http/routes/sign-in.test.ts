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
