import { organizationListSchema, organizationSchema } from '@darkroom/protocol';
import { describe, expect, it } from 'vitest';
import { requestsUrl, useApp } from '../../../test/app-harness.ts';
import { createApiKey } from '../../keys/api-keys.ts';

const app = useApp();

const list = async () =>
  organizationListSchema.parse((await app.current.admin('GET', '/organizations')).json()).organizations;
const create = (body: object) => app.current.admin('POST', '/organizations', body);
const createKey = () =>
  createApiKey(app.current.store.keys, { name: 'gallery', organizationIds: ['gallery'], now: app.current.clock.now() });

describe('organizations', () => {
  it('are made once, renamed and limited, and listed beside those that keys have named', async () => {
    const made = await create({
      id: 'gallery',
      name: ' The gallery ',
      limits: { stored_bytes: 5, open_streams: null },
    });
    const record = {
      id: 'gallery',
      name: 'The gallery',
      created_at: Math.floor(app.current.clock.now() / 1_000),
      suspended_at: null,
      limits: { stored_bytes: 5 },
      stored_bytes: 0,
    };
    expect([made.statusCode, organizationSchema.parse(made.json())]).toEqual([201, record]);
    const again = await create({ id: 'gallery' });
    expect([again.statusCode, again.json().code]).toEqual([409, 'organization_exists']);
    const changed = await app.current.admin('PATCH', '/organizations/gallery', {
      name: 'Robots',
      limits: { stored_bytes: null, queued_requests: 7 },
    });
    const afterwards = { ...record, name: 'Robots', limits: { queued_requests: 7 } };
    expect(changed.json()).toEqual(afterwards);
    await createApiKey(app.current.store.keys, { name: 'red', organizationIds: ['red'], now: 0 });
    expect((await list()).map(({ id }) => id)).toEqual(['default', 'gallery', 'red']);
    expect((await app.current.admin('GET', '/organizations/gallery')).json()).toEqual(afterwards);
  });

  it.each([
    [{ id: 'a b' }, 'id'],
    [{ id: 'a', limits: { streams: 1 } }, 'limits.streams is no limit'],
    [{ id: 'a', limits: { open_streams: 0 } }, 'limits.open_streams'],
  ])('are not made from %j', async (body, words) => {
    const reply = await create(body);
    expect([reply.statusCode, reply.json().error]).toEqual([400, expect.stringContaining(words)]);
  });

  it('that are suspended have their keys refused until they are resumed', async () => {
    const key = await createKey();
    const { request_id } = (await app.current.submit({ prompt: 'a' }, { as: key })).json();
    const suspended = await app.current.admin('POST', '/organizations/gallery/suspend');
    expect(suspended.json().suspended_at).toBe(Math.floor(app.current.clock.now() / 1_000));
    const refused = await app.current.call({ url: `${requestsUrl}/${request_id}` }, key);
    expect([refused.statusCode, refused.json()]).toMatchObject([
      403,
      { code: 'organization_suspended', error: expect.stringContaining('gallery') },
    ]);
    await app.current.admin('POST', '/organizations/gallery/resume');
    expect((await app.current.call({ url: `${requestsUrl}/${request_id}` }, key)).statusCode).toBe(200);
  });

  it('are removed when they are empty, with keys that belong to no other', async () => {
    const key = await createKey();
    const both = await createApiKey(app.current.store.keys, {
      name: 'both',
      organizationIds: ['gallery', 'red'],
      now: 0,
    });
    const { request_id } = (await app.current.submit({ prompt: 'a' }, { as: key })).json();
    const refused = await app.current.admin('DELETE', '/organizations/gallery');
    expect([refused.statusCode, refused.json().code]).toEqual([409, 'organization_not_empty']);
    expect((await app.current.call({ url: `${requestsUrl}/${request_id}` }, key)).statusCode).toBe(200);
    await app.current.admin('POST', '/organizations/gallery/suspend');
    await app.current.store.requests.cancel('gallery', request_id, app.current.clock.now());
    const deleted = await app.current.admin('DELETE', '/organizations/gallery/content');
    expect(deleted.json()).toMatchObject({ requests: 1, is_complete: true });
    expect((await app.current.admin('DELETE', '/organizations/gallery')).statusCode).toBe(204);
    expect((await app.current.call({ url: requestsUrl }, key)).statusCode).toBe(401);
    await create({ id: 'blue' });
    expect((await app.current.admin('DELETE', '/organizations/blue')).statusCode).toBe(204);
    expect((await app.current.admin('DELETE', '/organizations/blue')).statusCode).toBe(404);
    expect((await app.current.call({ url: requestsUrl }, both)).statusCode).toBe(200);
    expect((await list()).map(({ id }) => id)).toEqual(['default', 'red']);
  });

  it.each(['suspend', ''])('do not lock out the default one or the caller: %s', async (verb) => {
    const { store, clock } = app.current;
    const own = await createApiKey(store.keys, {
      name: 'own',
      organizationIds: ['own'],
      isAdmin: true,
      now: clock.now(),
    });
    for (const id of ['default', 'own']) {
      const url = `/api/v1/admin/organizations/${id}${verb && `/${verb}`}`;
      const reply = await app.current.call({ method: verb ? 'POST' : 'DELETE', url }, own);
      expect([id, reply.statusCode]).toEqual([id, 400]);
    }
  });
});
