import { describe, expect, it } from 'vitest';
import { model, requestsUrl, useApp } from '../../test/app-harness.ts';
import { parseApiKeyId } from '../core/api-keys.ts';
import { createApiKey } from '../keys/api-keys.ts';
import { modelPrefix } from '../wires/queue/prefixes.ts';

const app = useApp();

describe('keys', () => {
  it.each([
    ['no key', undefined],
    ['a wrong key', 'dk_abcdefgh_01234567890123456789012345678901'],
    ['a key of another kind', 'sk-123'],
  ])('refuses %s before it reads the body', async (_name, wrong) => {
    const headers = wrong === undefined ? {} : { authorization: `Bearer ${wrong}` };
    const reply = await app.current.app.inject({
      method: 'POST',
      url: requestsUrl,
      payload: '{broken',
      headers: { ...headers, 'content-type': 'application/json' },
    });
    expect(reply.statusCode).toBe(401);
    expect(reply.headers['www-authenticate']).toBe('Bearer');
    expect(reply.json()).toMatchObject({ code: 'unauthorized', error: expect.stringContaining('API key') });
  });

  it('refuses a revoked key', async () => {
    const { store, key, clock } = app.current;
    await store.keys.revoke(parseApiKeyId(key) ?? '', clock.now());
    expect((await app.current.call({ url: requestsUrl })).statusCode).toBe(401);
  });

  it('accepts the configured key for the default organization', async () => {
    const { request_id } = (await app.current.submit({ prompt: 'a' }, { as: 'configured-key' })).json();
    expect((await app.current.call({ url: `${requestsUrl}/${request_id}` })).json()).toMatchObject({
      org_id: 'default',
      user_id: 'configured',
    });
  });

  it('lets a key of several organizations choose by X-Organization-ID, and only among its own', async () => {
    const both = await createApiKey(app.current.store.keys, { name: 'both', organizationIds: ['red', 'blue'], now: 0 });
    const org = async (id: string | undefined) => {
      const reply = await app.current.call(
        { url: `${modelPrefix}/models/${model}`, headers: id === undefined ? {} : { 'x-organization-id': id } },
        both,
      );
      return reply.json().org_id ?? reply.statusCode;
    };
    expect(await Promise.all([org(undefined), org('blue'), org('green')])).toEqual(['red', 'blue', 401]);
  });

  it('promise 6: no organization sees the requests of another', async () => {
    const other = await createApiKey(app.current.store.keys, { name: 'other', organizationIds: ['other'], now: 0 });
    const { request_id } = (await app.current.submit({ prompt: 'secret' })).json();
    const found = await app.current.call({ url: `${requestsUrl}/${request_id}` }, other);
    const missing = await app.current.call({ url: `${requestsUrl}/00000000-0000-4000-8000-000000000000` }, other);
    expect([found.statusCode, found.body]).toEqual([404, missing.body]);
    expect((await app.current.call({ url: requestsUrl }, other)).json()).toEqual({
      requests: [],
      total: 0,
      has_more: false,
    });
    const manages = await app.current.call({ method: 'POST', url: `${requestsUrl}/${request_id}/cancel` }, other);
    expect(manages.statusCode).toBe(404);
    // Nor do its own limits, its suspension or its operator's calls concern another.
    await app.current.admin('PATCH', '/organizations/other', { limits: { requests_per_minute: 1 } });
    await app.current.admin('POST', '/organizations/other/suspend');
    expect((await app.current.call({ url: requestsUrl }, other)).statusCode).toBe(403);
    expect((await app.current.call({ url: `${requestsUrl}/${request_id}` })).statusCode).toBe(200);
    expect((await app.current.call({ url: '/api/v1/admin/organizations' })).statusCode).toBe(403);
  });
});
