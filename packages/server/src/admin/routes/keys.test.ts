import { keyListSchema, keySchema, newKeySchema } from '@darkroom/protocol';
import { describe, expect, it } from 'vitest';
import { requestsUrl, useApp } from '../../../test/app-harness.ts';
import { hashApiKey, parseApiKeyId } from '../../core/api-keys.ts';

const app = useApp();

/** Without the time of the last use, which the tests' own calls change. */
const list = async () =>
  keyListSchema
    .parse((await app.current.admin('GET', '/keys')).json())
    .keys.map((key) => ({ ...key, last_used_at: null }));
const create = async (body: object) => newKeySchema.parse((await app.current.admin('POST', '/keys', body)).json());

describe('the API keys', () => {
  it('are created with their text, which is shown only this once', async () => {
    const reply = await app.current.admin('POST', '/keys', {
      name: ' Gallery ',
      organization_ids: ['red', 'blue', 'red'],
      is_admin: true,
      requests_per_minute: 30,
      cancel_when_gone: true,
      model_ids: ['gemini-3-pro-image', 'gemini-3-pro-image'],
    });
    expect([reply.statusCode, reply.headers['cache-control']]).toEqual([201, 'no-store']);
    const { api_key, ...facts } = newKeySchema.parse(reply.json());
    expect(facts).toEqual({
      id: parseApiKeyId(api_key),
      name: 'Gallery',
      organization_ids: ['red', 'blue'],
      scopes: ['read', 'submit', 'manage', 'admin'],
      is_admin: true,
      requests_per_minute: 30,
      limits: { requests_per_minute: 30 },
      cancel_when_gone: true,
      model_ids: ['gemini-3-pro-image'],
      created_at: Math.floor(app.current.clock.now() / 1_000),
      expires_at: null,
      revoked_at: null,
      last_used_at: null,
      old_text_until: null,
      person: null,
    });
    expect((await app.current.call({ url: requestsUrl }, api_key)).statusCode).toBe(200);
    expect(await list()).toContainEqual(facts);
    const told = JSON.stringify(await list());
    expect(told).not.toContain(api_key.slice(-32));
    expect(told).not.toContain(hashApiKey(api_key));
  });

  it('belong to the default organization and are not admin keys by default', async () => {
    expect(await create({ name: 'robot' })).toMatchObject({
      organization_ids: ['default'],
      is_admin: false,
      requests_per_minute: null,
      cancel_when_gone: false,
      model_ids: null,
    });
  });

  it('may be limited to models, which are refused by name where there are none of that name', async () => {
    const { api_key } = await create({ name: 'robot', model_ids: ['gemini-3-pro-image'] });
    const submit = async (model: string) => {
      const payload = { model, payload: { prompt: 'a' } };
      return app.current.call({ method: 'POST', url: requestsUrl, payload }, api_key);
    };
    expect((await submit('gemini-3-pro-image')).statusCode).toBe(200);
    const refused = await submit('gemini-nano-banana-2.1');
    expect([refused.statusCode, refused.json()]).toMatchObject([
      403,
      {
        code: 'model_not_allowed',
        error: 'This API key may not be used for gemini-nano-banana-2.1. Its models are gemini-3-pro-image.',
      },
    ]);
    const wrong = await app.current.admin('POST', '/keys', { name: 'robot', model_ids: ['gemini-9'] });
    expect(wrong.json().details).toMatchObject([
      { path: 'model_ids[0]', message: expect.stringMatching(/^must be one of/) },
    ]);
  });

  it('are listed oldest first, revoked ones too', async () => {
    const { id } = await create({ name: 'robot' });
    await app.current.admin('DELETE', `/keys/${id}`);
    const keys = await list();
    expect(keys.map(({ name }) => name).toSorted()).toEqual(['operator', 'robot', 'test']);
    expect(keys.find((key) => key.id === id)?.revoked_at).toBe(Math.floor(app.current.clock.now() / 1_000));
  });

  it('are refused once they are revoked, and revoked once', async () => {
    const { id, api_key } = await create({ name: 'robot' });
    const revoked = await app.current.admin('DELETE', `/keys/${id}`);
    expect([revoked.statusCode, revoked.body]).toEqual([204, '']);
    expect((await app.current.call({ url: requestsUrl }, api_key)).statusCode).toBe(401);
    for (const missing of [id, 'unknown', 'configured']) {
      const reply = await app.current.admin('DELETE', `/keys/${missing}`);
      expect([reply.statusCode, reply.json().error]).toEqual([
        404,
        expect.stringContaining('no active key with this id'),
      ]);
    }
  });

  it('cannot revoke themselves: no operator can lock himself out', async () => {
    const { adminKey } = app.current;
    const id = parseApiKeyId(adminKey) ?? '';
    const reply = await app.current.admin('DELETE', `/keys/${id}`);
    expect([reply.statusCode, reply.json().error]).toEqual([400, expect.stringContaining('another admin key')]);
    expect((await app.current.call({ url: requestsUrl }, adminKey)).statusCode).toBe(200);
  });

  it.each([
    [{}, /^name must be a name/],
    [{ name: '   ' }, /^name must be a name/],
    [{ name: 'x'.repeat(101) }, /^name must be a name/],
    [{ name: 'a', organization_ids: [] }, /^organization_ids must name at least one/],
    [{ name: 'a', organization_ids: ['a b'] }, /^organization_ids\[0\] must be an id/],
    [{ name: 'a', is_admin: 'yes' }, /^is_admin must be true or false/],
    [{ name: 'a', requests_per_minute: 0 }, /^requests_per_minute must be a whole number/],
  ])('are not created from %j', async (body, words) => {
    const before = await list();
    const reply = await app.current.admin('POST', '/keys', body);
    expect([reply.statusCode, reply.json().error]).toEqual([400, expect.stringMatching(words)]);
    expect(await list()).toEqual(before);
  });

  it('change what is given, and nothing else', async () => {
    const { id, api_key } = await create({ name: 'robot', limits: { open_streams: 5 }, expires_at: 9_000_000_000 });
    const change = { scopes: ['read'], limits: { queued_requests: 3 }, model_ids: ['gemini-3-pro-image'] };
    const changed = keySchema.parse((await app.current.admin('PATCH', `/keys/${id}`, change)).json());
    expect(changed).toMatchObject({
      name: 'robot',
      ...change,
      limits: { open_streams: 5, queued_requests: 3 },
      expires_at: 9_000_000_000,
    });
    expect((await app.current.call({ method: 'POST', url: requestsUrl, payload: {} }, api_key)).statusCode).toBe(403);
    const own = parseApiKeyId(app.current.adminKey);
    expect((await app.current.admin('PATCH', `/keys/${own}`, { scopes: ['read'] })).statusCode).toBe(400);
    expect((await app.current.admin('PATCH', '/keys/unknown', { name: 'a' })).statusCode).toBe(404);
  });

  it('end at their time', async () => {
    const { clock } = app.current;
    const { api_key } = await create({ name: 'robot', expires_at: Math.floor(clock.now() / 1_000) + 60 });
    expect((await app.current.call({ url: requestsUrl }, api_key)).statusCode).toBe(200);
    clock.advance(60_000);
    const refused = await app.current.call({ url: requestsUrl }, api_key);
    expect([refused.statusCode, refused.json().error]).toEqual([401, 'The API key has expired.']);
  });

  it('have two texts while they are rotated, and only the new one afterwards', async () => {
    const first = await create({ name: 'robot' });
    const rotation = { grace_seconds: 60 };
    const reply = await app.current.admin('POST', `/keys/${first.id}/rotate`, rotation);
    const second = newKeySchema.parse(reply.json());
    expect([reply.statusCode, second.id]).toEqual([201, first.id]);
    expect(second.api_key).not.toBe(first.api_key);
    const statuses = async () =>
      Promise.all(
        [first, second].map(async ({ api_key }) => (await app.current.call({ url: requestsUrl }, api_key)).statusCode),
      );
    expect(await statuses()).toEqual([200, 200]);
    app.current.clock.advance(60_000);
    expect(await statuses()).toEqual([401, 200]);
  });

  it('know when they were used, to the hour', async () => {
    const { store, clock } = app.current;
    const { id, api_key } = await create({ name: 'robot' });
    const use = async () => {
      await app.current.call({ url: requestsUrl }, api_key);
      return (await store.keys.find(id))?.lastUsedAt;
    };
    const first = clock.now();
    // A call does not wait until its use is written.
    await expect.poll(use).toBe(first);
    clock.advance(3_599_999);
    expect(await use()).toBe(first);
    clock.advance(1);
    await expect.poll(use).toBe(first + 3_600_000);
  });
});
