import { describe, expect, it } from 'vitest';
import { type AppHarness, requestsUrl, useApp } from '../../../../test/app-harness.ts';
import { createApiKey } from '../../../keys/api-keys.ts';
import type { RequestStore } from '../../../store/request-store.ts';

const payload = { prompt: 'a panda' };
const countRows = async ({ call }: AppHarness) => (await call({ url: requestsUrl })).json().total;

describe('the rate limit', () => {
  const app = useApp({ requestsPerMinute: 2 });

  it('lets a key submit a number of times in any 60 seconds, and says correctly when it may again', async () => {
    const { clock } = app.current;
    expect((await app.current.submit(payload)).statusCode).toBe(200);
    clock.advance(20_000);
    expect((await app.current.submit(payload)).statusCode).toBe(200);
    const refused = await app.current.submit(payload);
    expect([refused.statusCode, refused.json().code, refused.headers['retry-after']]).toEqual([
      429,
      'rate_limited',
      '40',
    ]);
    clock.advance(39_999);
    expect((await app.current.submit(payload)).statusCode).toBe(429);
    clock.advance(1);
    expect((await app.current.submit(payload)).statusCode).toBe(200);
  });

  it('is separate for each key, and a key may have another one', async () => {
    const { store, clock } = app.current;
    const quick = await createApiKey(store.keys, {
      name: 'quick',
      limits: { requests_per_minute: 4 },
      now: clock.now(),
    });
    const statuses = async (as: string) =>
      (await Promise.all(Array.from({ length: 6 }, () => app.current.submit(payload, { as })))).filter(
        ({ statusCode }) => statusCode === 200,
      ).length;
    expect([await statuses(quick), await statuses(app.current.key)]).toEqual([4, 2]);
  });

  it('does not count reads, and is checked before the body is read', async () => {
    for (let count = 0; count < 5; count += 1)
      expect((await app.current.call({ url: requestsUrl })).statusCode).toBe(200);
    const broken = {
      method: 'POST',
      url: requestsUrl,
      payload: '{',
      headers: { 'content-type': 'application/json' },
    } as const;
    const statuses = [];
    for (let count = 0; count < 3; count += 1) statuses.push((await app.current.call(broken)).statusCode);
    expect(statuses).toEqual([400, 400, 429]);
  });
});

describe('the length of the queue', () => {
  const app = useApp({ maxQueued: 3 });

  it('is limited for each organization: one more is refused until one has ended', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) ids.push((await app.current.submit(payload)).json().request_id);
    const refused = await app.current.submit(payload);
    expect([refused.statusCode, refused.json()]).toMatchObject([429, { code: 'queue_full' }]);
    expect(refused.json().error).toContain('has 3 queued requests');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    const other = await createApiKey(app.current.store.keys, { name: 'other', organizationIds: ['other'], now: 0 });
    expect((await app.current.submit(payload, { as: other })).statusCode).toBe(200);
    await app.current.call({ method: 'DELETE', url: `${requestsUrl}/${ids[0]}` });
    expect((await app.current.submit(payload)).statusCode).toBe(200);
  });
});

describe('the overload of the service itself', () => {
  const full = new Error('database or disk is full');
  const app = useApp({
    wrapStore: (store): RequestStore => ({
      ...store,
      submit: async (request) =>
        request.payload.includes('full')
          ? Promise.reject(Object.assign(full, { code: 'ERR_SQLITE_ERROR', errcode: 13 }))
          : store.submit(request),
    }),
  });

  it('refuses new work with 503 and Retry-After while disk or memory are short, and everything else goes on', async () => {
    const { request_id } = (await app.current.submit(payload)).json();
    app.current.shortage = 'The service is short of disk space.';
    const refused = await app.current.submit(payload);
    expect([refused.statusCode, refused.json()]).toEqual([
      503,
      { code: 'overloaded', error: 'The service is short of disk space.' },
    ]);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await app.current.call({ url: `${requestsUrl}/${request_id}` })).statusCode).toBe(200);
    expect((await app.current.call({ method: 'DELETE', url: `${requestsUrl}/${request_id}` })).statusCode).toBe(200);
    app.current.shortage = undefined;
    expect((await app.current.submit(payload)).statusCode).toBe(200);
    expect(await countRows(app.current)).toBe(2);
  });

  it('asks for the key first', async () => {
    app.current.shortage = 'short';
    expect((await app.current.submit(payload, { as: 'wrong' })).statusCode).toBe(401);
  });

  it('answers a disk that is full during the submit with 503 and not as a defect', async () => {
    const refused = await app.current.submit({ prompt: 'full' });
    expect([refused.statusCode, refused.json()]).toMatchObject([503, { code: 'overloaded' }]);
    expect(refused.headers).toHaveProperty('retry-after');
    expect(await countRows(app.current)).toBe(0);
  });
});
