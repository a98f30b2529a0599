import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type OwnTestServer, startOwnServer, TestDatabases } from '../../../test/postgres/test-database.ts';
import { claimMany, submitOne } from '../contract/fixtures.ts';
import { openPostgresStore, type PostgresStore } from './open-postgres-store.ts';

let server: OwnTestServer;
let databases: TestDatabases;
let url: string;
let opened: PostgresStore[];

beforeAll(async () => {
  server = await startOwnServer();
  databases = new TestDatabases(server);
});
afterAll(() => server.stop());
beforeEach(async () => {
  url = await databases.take();
  opened = [];
});
afterEach(async () => {
  for (const store of opened) await store.close();
  await databases.giveBack(url);
});

async function open(): Promise<PostgresStore> {
  const store = await openPostgresStore({ url, logger: pino({ level: 'silent' }) });
  opened.push(store);
  return store;
}

describe.each([
  ['is started again', 'restart'],
  ['is killed', 'crash'],
] as const)('a store whose server %s', { timeout: 60_000 }, (_what, goDown) => {
  it('goes on when it is back: what was asked meanwhile is answered late, nothing is lost or done twice', async () => {
    const store = await open();
    const before = await submitOne(store.requests);
    const meanwhile: Promise<string>[] = [];
    await server[goDown](async () => {
      meanwhile.push(submitOne(store.requests), submitOne(store.requests));
    });
    const ids = await Promise.all(meanwhile);
    expect((await store.requests.find('org-a', before))?.status).toBe('queued');
    expect((await store.requests.list({ organizationId: 'org-a', limit: 9 })).total).toBe(1 + ids.length);
    expect(await claimMany(store.requests, 9)).toHaveLength(3);
  });

  it('keeps what was answered, and refuses or keeps what was under way, when the server goes at any moment', async () => {
    const store = await open();
    const answered: string[] = [];
    let isDown = false;
    const submitOn = async () => {
      while (!isDown) answered.push(await submitOne(store.requests).catch(() => ''));
    };
    const submitting = Promise.all([1, 2, 3, 4].map(submitOn));
    while (answered.length < 40) await new Promise(setImmediate);
    await server[goDown](async () => {
      isDown = true;
    });
    await submitting;
    const ids = answered.filter((id) => id !== '');
    const found = await Promise.all(ids.map((id) => store.requests.find('org-a', id)));
    expect(found.every((request) => request?.status === 'queued')).toBe(true);
  });

  it('hears the hints of others again', async () => {
    const [one, two] = [await open(), await open()];
    await server[goDown]();
    const { promise, resolve } = Promise.withResolvers<string>();
    two.notifications.onHint(resolve);
    let isHeard = false;
    void promise.then(() => {
      isHeard = true;
    });
    // A hint that comes before the other one listens is lost, as hints may be.
    while (!isHeard) {
      one.notifications.hint('changed');
      await new Promise((wake) => setTimeout(wake, 20));
    }
    expect(await promise).toBe('changed');
  });
});
