import pg from 'pg';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type OwnTestServer, startOwnServer, TestDatabases } from '../../../../test/postgres/test-database.ts';
import { claimMany, leaseMs, start, submitOne } from '../../contract/fixtures.ts';
import type { Store } from '../../store.ts';
import { StoreUnavailableError } from '../../store-errors.ts';
import { openPostgresStore } from '../open-postgres-store.ts';

let server: OwnTestServer;
let databases: TestDatabases;
let url: string;
let opened: Store[];

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

async function open(): Promise<Store> {
  const store = await openPostgresStore({ url, logger: pino({ level: 'silent' }) });
  opened.push(store);
  return store;
}

describe.each([
  ['is started again', 'restart'],
  ['is killed', 'crash'],
] as const)('a store whose server %s', { timeout: 60_000 }, (_what, goDown) => {
  it('goes on when it is back: calls made meanwhile are answered late, and nothing is lost or done twice', async () => {
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

  it('receives the hints of others again', async () => {
    const [one, two] = [await open(), await open()];
    await server[goDown]();
    const { promise, resolve } = Promise.withResolvers<string>();
    two.hints.onHint(resolve);
    let isHeard = false;
    void promise.then(() => {
      isHeard = true;
    });
    // A hint that comes before the other process listens may be lost.
    while (!isHeard) {
      one.hints.hint('changed');
      await new Promise((wake) => setTimeout(wake, 20));
    }
    expect(await promise).toBe('changed');
  });
});

describe('a store whose server stays away', { timeout: 60_000 }, () => {
  it('waits for it once, then refuses every call by name and at once, and serves as soon as it is back', async () => {
    const store = await open();
    const id = await submitOne(store.requests);
    await server.restart(async () => {
      const first = await Promise.allSettled([submitOne(store.requests), store.requests.find('org-a', id)]);
      expect(first.map(toError)).toEqual([expect.any(StoreUnavailableError), expect.any(StoreUnavailableError)]);
      const begun = Date.now();
      const calls = [
        submitOne(store.requests),
        store.requests.find('org-a', id),
        store.requests.list({ organizationId: 'org-a', limit: 5 }),
        store.keys.find('key'),
        store.webhooks.claim({ now: start, limit: 1, leaseMs }),
        store.requests.check(),
      ];
      for (const result of await Promise.allSettled(calls)) {
        expect(toError(result)).toBeInstanceOf(StoreUnavailableError);
        expect(String(toError(result))).toContain('The database does not answer.');
      }
      expect(Date.now() - begun).toBeLessThan(1_000);
    });
    await insistOnSubmit(store);
    expect(await claimMany(store.requests, 9)).toHaveLength(2);
  });
});

describe('a store whose server has become read-only', { timeout: 60_000 }, () => {
  it('still reads, refuses writes at once after the first one, and writes again when it may', async () => {
    const store = await open();
    const id = await submitOne(store.requests);
    const alter = async (setting: string) => {
      const client = new pg.Client({ connectionString: server.url });
      await client.connect();
      const name = new URL(url).pathname.slice(1);
      await client.query(`ALTER DATABASE ${name} SET default_transaction_read_only = ${setting}`);
      // Only new sessions see the setting.
      await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
      await client.end();
    };
    await alter('on');
    await expect(submitOne(store.requests)).rejects.toThrow(StoreUnavailableError);
    const begun = Date.now();
    await expect(submitOne(store.requests)).rejects.toThrow(StoreUnavailableError);
    expect((await store.requests.find('org-a', id))?.status).toBe('queued');
    expect((await store.requests.list({ organizationId: 'org-a', limit: 5 })).total).toBe(1);
    expect(Date.now() - begun).toBeLessThan(1_000);
    await alter('off');
    await insistOnSubmit(store);
  });
});

function toError(result: PromiseSettledResult<unknown>): unknown {
  return result.status === 'rejected' ? result.reason : undefined;
}

/** Submits repeatedly until the request is kept. */
async function insistOnSubmit(store: Store): Promise<void> {
  while (!(await submitOne(store.requests).catch(() => undefined))) await new Promise((wake) => setTimeout(wake, 50));
}
