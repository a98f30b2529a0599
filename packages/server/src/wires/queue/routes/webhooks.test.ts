import {
  deliveryListSchema,
  deliverySchema,
  endpointListSchema,
  endpointSchema,
  newEndpointSchema,
  webhookSecretSchema,
} from '@darkroom/protocol';
import type { InjectOptions } from 'fastify';
import { describe, expect, it } from 'vitest';
import { useApp } from '../../../../test/app-harness.ts';
import { succeed } from '../../../../test/request-moves.ts';
import { housePrefix } from '../../../http/prefixes.ts';
import { createApiKey } from '../../../keys/api-keys.ts';
import { spreadAllNews } from '../../../store/contract/fixtures.ts';

/** Of an organization. */
const maxEndpoints = 8;
const app = useApp({ maxEndpoints });
const url = 'https://receiver.example/hook';

function call(method: NonNullable<InjectOptions['method']>, path: string, payload?: object, as?: string) {
  const request = { method, url: `${housePrefix}/webhooks${path}`, ...(payload && { payload }) };
  return app.current.call(request, as);
}

const add = async (body: object = {}) =>
  newEndpointSchema.parse((await call('POST', '/endpoints', { url, ...body })).json());
const listDeliveries = async (query = '') => {
  await spreadAllNews(app.current.store.webhooks);
  return deliveryListSchema.parse((await call('GET', `/deliveries${query}`)).json());
};

describe('endpoints', () => {
  it('are limited for each organization, and refused by name', async () => {
    const created = await Promise.all(
      Array.from({ length: maxEndpoints + 4 }, () => call('POST', '/endpoints', { url })),
    );
    const refused = created.filter(({ statusCode }) => statusCode !== 201);
    expect(refused.map((reply) => [reply.statusCode, reply.json()])).toEqual(
      Array(4).fill([
        409,
        { code: 'endpoints_full', error: expect.stringContaining('already has 8 webhook endpoints') },
      ]),
    );
    const other = await createApiKey(app.current.store.keys, {
      name: 'other',
      organizationIds: ['another'],
      now: app.current.clock.now(),
    });
    expect((await call('POST', '/endpoints', { url }, other)).statusCode).toBe(201);
    const { endpoints } = endpointListSchema.parse((await call('GET', '/endpoints')).json());
    expect(endpoints).toHaveLength(maxEndpoints);
    expect((await call('DELETE', `/endpoints/${endpoints[0]?.id}`)).statusCode).toBe(204);
    expect((await call('POST', '/endpoints', { url })).statusCode).toBe(201);
  });

  it('are added with a secret, read, changed, listed and removed', async () => {
    const created = await call('POST', '/endpoints', { url });
    expect(created.statusCode).toBe(201);
    const { secret, ...endpoint } = newEndpointSchema.parse(created.json());
    expect(endpoint).toMatchObject({
      url,
      events: ['request.success', 'request.failed', 'request.cancelled'],
      paused_at: null,
      pause_reason: null,
      failures: 0,
    });
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const path = `/endpoints/${endpoint.id}`;
    expect((await call('GET', path)).json()).toEqual(endpoint);
    expect((await call('GET', `${path}/secret`)).json()).toEqual({ secret, old_secret_until: null });

    const changes = { url: 'https://other.example/', events: ['request.queued', 'success', 'queued'], paused: true };
    const changed = endpointSchema.parse((await call('PATCH', path, changes)).json());
    expect(changed).toMatchObject({
      url: 'https://other.example/',
      events: ['request.queued', 'request.success'],
      paused_at: Math.floor(app.current.clock.now() / 1_000),
      pause_reason: 'It was paused through the API.',
    });
    expect(endpointListSchema.parse((await call('GET', '/endpoints')).json()).endpoints).toEqual([changed]);
    expect((await call('PATCH', path, { paused: false })).json()).toMatchObject({ paused_at: null });

    expect((await call('DELETE', path)).statusCode).toBe(204);
    for (const [method, gone] of [
      ['DELETE', path],
      ['GET', path],
      ['GET', `${path}/secret`],
      ['POST', `${path}/rotate-secret`],
      ['POST', `${path}/test`],
    ] as const) {
      expect((await call(method, gone)).statusCode).toBe(404);
    }
    expect((await call('PATCH', path, {})).statusCode).toBe(404);
  });

  it.each([
    [{ url: 'receiver.example' }, /url must be an http or https URL of at most 2,000 characters/],
    [{ url: 'http://192.168.1.1/' }, /url cannot be called: its host is not on the public internet/],
    [{ url: 'http://0x0a.1/' }, /not on the public internet/],
    [{ events: [] }, /events must be a list of some of queued, processing/],
    [{ events: ['done'] }, /events\[0\] must be a list of some of/],
    [{ events: 'success' }, /events must be a list/],
  ])('refuse %j', async (body, words) => {
    const reply = await call('POST', '/endpoints', { url, ...body });
    expect([reply.statusCode, reply.json().error]).toEqual([400, expect.stringMatching(words)]);
  });

  it('refuse a URL of more than 2,000 characters', async () => {
    const long = (length: number) => ({ url: `https://receiver.example/${'a'.repeat(length - 25)}` });
    expect((await call('POST', '/endpoints', long(2_000))).statusCode).toBe(201);
    expect((await call('POST', '/endpoints', long(2_001))).statusCode).toBe(400);
  });

  it('have separate secrets, and after a rotation also the old one for 24 hours', async () => {
    const [first, second] = [await add(), await add()];
    const own = webhookSecretSchema.parse((await call('GET', '/secret')).json());
    expect(new Set([first.secret, second.secret, own.secret]).size).toBe(3);
    const until = Math.floor(app.current.clock.now() / 1_000) + 24 * 3_600;
    for (const [rotate, read, before] of [
      [`/endpoints/${first.id}/rotate-secret`, `/endpoints/${first.id}/secret`, first.secret],
      ['/secret/rotate', '/secret', own.secret],
    ] as const) {
      const rotated = webhookSecretSchema.parse((await call('POST', rotate)).json());
      expect(rotated.secret).not.toBe(before);
      expect(rotated.old_secret_until).toBe(until);
      expect((await call('GET', read)).json()).toEqual(rotated);
    }
    expect((await call('GET', `/endpoints/${second.id}/secret`)).json()).toMatchObject({ secret: second.secret });
  });
});

describe('deliveries', () => {
  it('exist for the endpoints and for the own URL of a request, and are listed by the page', async () => {
    const endpoint = await add();
    await app.current.submit({ prompt: 'a' }, { body: { webhook_url: url, webhook_events: ['queued', 'success'] } });
    await succeed(app.current);
    const { deliveries, has_more } = await listDeliveries();
    expect(has_more).toBe(false);
    expect(deliveries.map(({ event, endpoint_id }) => [event, endpoint_id]).sort()).toEqual(
      [
        ['request.queued', null],
        ['request.success', endpoint.id],
        ['request.success', null],
      ].sort(),
    );
    expect(deliveries[0]).toMatchObject({ url, status: 'pending', tries: 0, last_try: null });

    const read: unknown[] = [];
    for (let query = '?limit=1'; query !== ''; ) {
      const page = await listDeliveries(query);
      read.push(...page.deliveries);
      query = page.next_cursor === undefined ? '' : `?limit=1&cursor=${page.next_cursor}`;
    }
    expect(read).toEqual(deliveries);
    expect((await listDeliveries(`?endpoint_id=${endpoint.id}`)).deliveries).toHaveLength(1);
    expect((await listDeliveries('?status=failed')).deliveries).toEqual([]);
    expect((await call('GET', '/deliveries?status=open')).statusCode).toBe(400);
  });

  it('are sent again on demand', async () => {
    await app.current.submit({ prompt: 'a' }, { body: { webhook_url: url, webhook_events: ['queued'] } });
    const [delivery] = (await listDeliveries()).deliveries;
    const again = await call('POST', `/deliveries/${delivery?.id}/resend`);
    expect(deliverySchema.parse(again.json())).toMatchObject({ id: delivery?.id, status: 'pending' });
    expect((await call('POST', '/deliveries/none/resend')).statusCode).toBe(404);
  });
});

describe('a submit', () => {
  it.each([
    [{ webhook_url: 'http://10.1.2.3/' }, /webhook_url cannot be called: its host is not on the public internet/],
    [{ webhook_url: 'https://me:secret@receiver.example/' }, /a user name or a password/],
    [{ webhook_url: 7 }, /webhook_url must be an http or https URL/],
    [{ webhook_url: url, webhook_events: ['progress'] }, /webhook_events\[0\] must be/],
    [{ webhook_events: ['success'] }, /webhook_events can only be used with webhook_url/],
  ])('is refused with %j', async (body, words) => {
    const reply = await app.current.submit({ prompt: 'a' }, { body });
    expect([reply.statusCode, reply.json().error]).toEqual([400, expect.stringMatching(words)]);
    expect((await listDeliveries()).deliveries).toEqual([]);
  });
});

describe('another organization', () => {
  it('sees nothing of it, and changes nothing', async () => {
    const { store, clock } = app.current;
    const other = await createApiKey(store.keys, { name: 'other', organizationIds: ['other'], now: clock.now() });
    const { id, secret } = await add();
    await app.current.submit({ prompt: 'a' }, { body: { webhook_url: url, webhook_events: ['queued'] } });
    const [delivery] = (await listDeliveries()).deliveries;
    for (const [method, path] of [
      ['GET', `/endpoints/${id}`],
      ['GET', `/endpoints/${id}/secret`],
      ['PATCH', `/endpoints/${id}`],
      ['DELETE', `/endpoints/${id}`],
      ['POST', `/endpoints/${id}/rotate-secret`],
      ['POST', `/endpoints/${id}/test`],
      ['POST', `/deliveries/${delivery?.id}/resend`],
    ] as const) {
      expect((await call(method, path, method === 'PATCH' ? { paused: true } : undefined, other)).statusCode).toBe(404);
    }
    expect((await call('GET', '/endpoints', undefined, other)).json()).toEqual({ endpoints: [] });
    expect((await call('GET', '/deliveries', undefined, other)).json()).toEqual({ deliveries: [], has_more: false });
    expect((await call('GET', '/secret', undefined, other)).json().secret).not.toBe(
      (await call('GET', '/secret')).json().secret,
    );
    expect((await call('GET', `/endpoints/${id}/secret`)).json()).toEqual({ secret, old_secret_until: null });
  });
});
