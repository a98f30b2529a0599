import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { housePrefix } from '../src/http/prefixes.ts';
import { drawPlain } from './draw-plain.ts';
import { type OwnTestServer, startOwnServer } from './postgres/test-database.ts';
import { startServer, type TestServer } from './start-server.ts';

let database: OwnTestServer;
let darkroom: TestServer;

beforeAll(async () => {
  database = await startOwnServer();
  darkroom = await startServer({ DATABASE_URL: await database.createDatabase() }, { illustrate: drawPlain });
}, 60_000);
afterAll(async () => {
  await darkroom.stop();
  await database.stop();
}, 60_000);

describe('a server that cannot reach its database', { timeout: 120_000 }, () => {
  it('refuses calls with 503 and Retry-After, at once after the first, and finishes accepted requests when the database is back', async () => {
    const { client, key, url } = darkroom;
    const { request_id } = await client.submit({ payload: { prompt: 'a kite [[sandbox delay=3s]]' } });
    while ((await client.attempts(request_id)).attempts.every(({ sent_at }) => sent_at === null)) await pause(50);
    const call = () => fetch(`${url}${housePrefix}/me`, { headers: { authorization: `Bearer ${key}` } });
    await database.restart(async () => {
      expect((await call()).status).toBe(503);
      const begun = Date.now();
      const refused = await call();
      expect(Date.now() - begun).toBeLessThan(2_000);
      expect(refused.status).toBe(503);
      expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
      expect(await refused.json()).toMatchObject({
        code: 'overloaded',
        error: expect.stringContaining('The database does not answer.'),
      });
      const ready = await fetch(`${url}/readyz`);
      expect(ready.status).toBe(503);
      expect(await ready.json()).toMatchObject({ checks: { store: expect.stringContaining('does not answer') } });
    });
    while ((await call()).status !== 200) await pause(50);
    // Its answer arrived while the database was unreachable: it was paid for once, and is kept.
    expect((await client.wait(request_id)).status).toBe('success');
    expect(await client.attempts(request_id)).toMatchObject({ attempts: [{ number: 1, result: 'succeeded' }] });
    while ((await fetch(`${url}/readyz`)).status !== 200) await pause(50);
  });
});
