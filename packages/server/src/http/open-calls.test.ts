import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { requestsUrl, useApp } from '../../test/app-harness.ts';
import { openStream } from '../../test/event-stream.ts';
import { parseApiKeyId } from '../core/api-keys.ts';
import { createApiKey } from '../keys/api-keys.ts';
import { openSqliteStore } from '../store/sqlite/open-sqlite-store.ts';
import { housePrefix } from './prefixes.ts';

const maxStreams = 2;
const app = useApp({ maxStreams });
let url: string;
let id: string;
beforeEach(async () => {
  url = await app.current.app.listen({ port: 0, host: '127.0.0.1' });
  id = (await app.current.submit({ prompt: 'a' })).json().request_id;
});

const createKey = (organizationId = 'default') =>
  createApiKey(app.current.store.keys, {
    name: 'one',
    organizationIds: [organizationId],
    now: app.current.clock.now(),
  });
const openAll = (key = app.current.key) => openStream(`${url}${housePrefix}/events`, { key });
const openOne = (key = app.current.key) => openStream(`${url}${requestsUrl}/${id}/events`, { key });
const wait = (key = app.current.key, method: 'GET' | 'POST' = 'GET') =>
  fetch(`${url}${requestsUrl}${method === 'GET' ? `/${id}` : ''}`, {
    method,
    headers: { authorization: `Bearer ${key}`, prefer: 'wait=600', 'content-type': 'application/json' },
    ...(method === 'POST' && {
      body: JSON.stringify({ model: 'gemini-3-pro-image-preview', payload: { prompt: 'b' } }),
    }),
  });

/** In another process, which tells no other. */
async function revoke(key: string): Promise<void> {
  const other = openSqliteStore({ file: path.join(app.current.folder, 'darkroom.db') });
  expect(await other.keys.revoke(parseApiKeyId(key) ?? '', app.current.clock.now())).toBe(true);
  await other.close();
}

/** Lets seconds pass until it resolves. */
async function soon<T>(work: Promise<T>): Promise<T> {
  let isThere = false;
  const ended = work.finally(() => {
    isThere = true;
  });
  const startedAt = app.current.clock.now();
  while (!isThere && app.current.clock.now() < startedAt + 5_000) {
    for (let index = 0; index < 50; index += 1) await turn();
    app.current.clock.advance(100);
  }
  return ended;
}

describe('calls that stay open', () => {
  it('end within seconds when their key is revoked, even by another process, and others go on', async () => {
    const key = await createKey();
    const streams = [await openAll(key), await openOne(key)];
    const kept = await openAll();
    await revoke(key);
    await soon(Promise.all(streams.map(({ events }) => Array.fromAsync(events))));
    const next = kept.events.next();
    const { request_id: another } = (await app.current.submit({ prompt: 'c' })).json();
    const told = [(await next).value, (await kept.events.next()).value];
    expect(JSON.stringify(told)).toContain(another);
    expect((await openAll(key)).response.status).toBe(401);
    kept.cut();
  });

  it('tell a revoked key nothing of what it waited for, except that its submit was accepted', async () => {
    const key = await createKey();
    const waits = [wait(key), wait(key, 'POST')];
    while ((await app.current.call({ url: requestsUrl })).json().total < 2) await turn();
    await revoke(key);
    const [status, submit] = await soon(Promise.all(waits));
    expect([status?.status, submit?.status]).toEqual([401, 200]);
    const told = await submit?.json();
    expect(told).toMatchObject({ request_id: expect.any(String), status: 'queued' });
    expect(told).not.toHaveProperty('outcome');
  });

  it('are limited for each key, by name, before anything is done for them, and count only while they are open', async () => {
    const open = [await openAll(), await openOne()];
    for (const refused of [await wait(), await wait(undefined, 'POST'), (await openAll()).response]) {
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5']);
      expect(await refused.json()).toMatchObject({
        code: 'too_many_streams',
        error: expect.stringContaining('2 event'),
      });
    }
    expect((await app.current.call({ url: requestsUrl })).json().total).toBe(1);
    expect((await app.current.call({ url: `${requestsUrl}/${id}` })).statusCode).toBe(200);
    for (const { cut } of open) cut();
    let again = await openAll();
    while (again.response.status !== 200) again = await openAll();
    again.cut();
  });

  it('are limited for each organization, however many keys it has', async () => {
    const open = [];
    for (let count = 0; count < 5 * maxStreams; count += 1) open.push(await openAll(await createKey()));
    expect(open.map(({ response }) => response.status)).toEqual(open.map(() => 200));
    const refused = await openAll(await createKey());
    expect(refused.response.status).toBe(429);
    const other = await openAll(await createKey('another'));
    expect(other.response.status).toBe(200);
    for (const { cut } of [...open, refused, other]) cut();
  });
});
