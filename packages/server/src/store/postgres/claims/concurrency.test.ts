import pg from 'pg';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestServer, TestDatabases, type TestServer } from '../../../../test/postgres/test-database.ts';
import type { RequestEvent } from '../../../core/request-events.ts';
import {
  beginOne,
  claimMany,
  failureOutcome,
  leaseMs,
  start,
  submitOne,
  toCallEnd,
  toNewEndpoint,
  toNewRequest,
} from '../../contract/fixtures.ts';
import type { Store } from '../../store.ts';
import { SchemaTooNewError, StoreUnusableError, UnfinishedCopyError } from '../../store-errors.ts';
import { openPostgresCopier } from '../copy/copy-rows.ts';
import { migratePostgres, openPostgresStore } from '../open-postgres-store.ts';

const logger = pino({ level: 'silent' });
let server: TestServer;
let databases: TestDatabases;
let url: string;
let opened: Store[];

beforeAll(async () => {
  server = await startTestServer();
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

async function open(changes: { readonly url?: string } = {}): Promise<Store> {
  const store = await openPostgresStore({ url, logger, ...changes });
  opened.push(store);
  return store;
}

async function withClient<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return work(client).finally(() => client.end());
}

describe('the numbers of events', () => {
  it('can be read in order while several processes write', async () => {
    const [one, two, three] = [await open(), await open(), await open()];
    const reader = await open();
    await one.webhooks.createEndpoint(toNewEndpoint(), 50);
    let isWriting = true;
    const write = async ({ requests }: Store, organizationId: string) => {
      for (let round = 0; round < 25; round++) {
        const ids = await Promise.all([1, 2, 3].map(() => submitOne(requests, { organizationId })));
        await requests.cancel(organizationId, ids[0] ?? '', start);
        const claims = await claimMany(requests, 2);
        for (const { lease, imageIndexes } of claims) {
          await requests.beginCalls(lease, { imageIndexes, now: start });
          const ends = imageIndexes.map((imageIndex) => toCallEnd({ imageIndex, result: 'failed', costMicros: 1 }));
          const verdict = { kind: 'fail', outcome: failureOutcome } as const;
          await requests.settle({ lease, ends, verdict, now: start });
        }
      }
    };
    // Two of the three write for the same organization.
    const writing = Promise.all([write(one, 'org-a'), write(two, 'org-a'), write(three, 'org-b')]).finally(() => {
      isWriting = false;
    });
    const read: RequestEvent[] = [];
    for (let isBehind = true; isBehind; ) {
      // Evaluated before the read: the next read finds what is written after it.
      const mayHaveMore = isWriting;
      const piece = await reader.events.readAfter(read.at(-1)?.seq ?? 0, 50);
      read.push(...piece);
      isBehind = mayHaveMore || piece.length > 0;
    }
    await writing;
    expect(read.length).toBeGreaterThan(3 * 25 * 4);
    expect(read).toEqual(await reader.events.readAfter(0, 10_000));
    expect(read.map(({ seq }) => seq)).toEqual(read.map((_, index) => index + 1));
  }, 60_000);
});

describe('concurrent processes', () => {
  it('never deadlock, and count correctly, whatever they do to the same requests', async () => {
    const stores = [await open(), await open(), await open()];
    const organizations = ['org-a', 'org-b', 'org-c'];
    await stores[0]?.budgets.set({ scope: 'key', id: 'key-1', period: 'day', limitMicros: 1_000_000_000 }, start);
    const ids: string[] = [];
    const work = async ({ requests }: Store, offset: number) => {
      for (let round = 0; round < 20; round++) {
        const models = ['model-1', 'model-2', 'model-3'];
        const submits = organizations.map((organizationId, index) =>
          submitOne(requests, { organizationId, model: models[(round + index + offset) % 3] ?? '' }),
        );
        ids.push(...(await Promise.all(submits)));
        const claims = await claimMany(requests, 4);
        await Promise.all(
          claims.map(async ({ lease, imageIndexes }) => {
            await requests.beginCalls(lease, { imageIndexes, now: start });
            const verdict = { kind: 'fail', outcome: failureOutcome } as const;
            await requests.settle({ lease, ends: [toCallEnd()], verdict, now: start });
          }),
        );
        const some = ids.filter((_, index) => index % 7 === round % 7).toReversed();
        await Promise.all([
          requests.requeue(some, start),
          ...organizations.map((organizationId, index) => requests.cancel(organizationId, ids[index] ?? '', start)),
          requests.rescue({ now: start + leaseMs, limit: 5, decide: () => ({ kind: 'interrupt' }) }),
        ]);
      }
    };
    const before = await deadlocks();
    await Promise.all(stores.map(work));
    expect(await deadlocks()).toEqual(before);
    expect(await countWrongLanes()).toEqual([]);
    expect(await countWrongBudget()).toEqual([]);
  }, 60_000);

  async function deadlocks(): Promise<unknown> {
    return withClient(async (client) => {
      await client.query('SELECT pg_stat_force_next_flush()');
      const { rows } = await client.query('SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()');
      return rows[0];
    });
  }

  async function countWrongLanes(): Promise<readonly unknown[]> {
    return withClient(async (client) => {
      const { rows } = await client.query(
        `SELECT * FROM lanes FULL JOIN (
           SELECT organization_id, model, count(*) FILTER (WHERE ready) AS ready,
             count(*) FILTER (WHERE status = 'queued') AS queued, count(*) FILTER (WHERE status = 'failed') AS failed,
             count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
             count(*) FILTER (WHERE status = 'processing') AS processing
           FROM requests GROUP BY 1, 2
         ) AS real USING (organization_id, model)
         WHERE (lanes.ready, lanes.queued, lanes.failed, lanes.cancelled, lanes.processing)
           IS DISTINCT FROM (real.ready, real.queued, real.failed, real.cancelled, real.processing)`,
      );
      return rows;
    });
  }

  async function countWrongBudget(): Promise<readonly unknown[]> {
    return withClient(async (client) => {
      const { rows } = await client.query(
        `SELECT used_micros, real FROM budget_windows, (
           SELECT sum(cost_micros + CASE WHEN status IN ('queued', 'processing') THEN estimated_cost_micros ELSE 0 END) AS real
           FROM requests
         ) AS counted WHERE used_micros <> real`,
      );
      return rows;
    });
  }

  it('set a budget that counts every submit, including those under way', async () => {
    const [one, two] = [await open(), await open()];
    let submitted = 0;
    const submits = Array.from({ length: 40 }, async () => {
      const { kind } = await one.requests.submit(toNewRequest({ estimatedCostMicros: 1 }));
      submitted += kind === 'submitted' ? 1 : 0;
    });
    const budget = { scope: 'organization', id: 'org-a', period: 'day', limitMicros: 1_000 } as const;
    await two.budgets.set(budget, start);
    await Promise.all(submits);
    await Promise.all(Array.from({ length: 10 }, () => submitOne(two.requests, { estimatedCostMicros: 1 })));
    expect((await two.budgets.list({ now: start }))[0]?.usedMicros).toBe(submitted + 10);
  });

  it('use an idempotency key once, whichever process receives the submit', async () => {
    const [one, two] = [await open(), await open()];
    const idempotency = { key: 'again', bodyHash: 'hash' };
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? one : two).requests.submit(toNewRequest({ idempotency })),
      ),
    );
    expect(results.filter(({ kind }) => kind === 'submitted')).toHaveLength(1);
    expect(results.filter(({ kind }) => kind === 'replayed')).toHaveLength(19);
  });
});

describe('hints', () => {
  it('reach their own process at once and the others soon', async () => {
    const [one, two] = [await open(), await open()];
    const heard: string[] = [];
    one.hints.onHint((hint) => heard.push(`one ${hint}`));
    const { promise, resolve } = Promise.withResolvers<string>();
    const forget = two.hints.onHint(resolve);
    const asking = repeatUntil(promise, () => one.hints.hint('queued'));
    expect(heard).toContain('one queued');
    expect(await promise).toBe('queued');
    await asking;
    forget();
  });

  /** A hint that comes before the others listen may be lost. */
  async function repeatUntil(heard: Promise<unknown>, hint: () => void): Promise<void> {
    let isHeard = false;
    void heard.then(() => {
      isHeard = true;
    });
    while (!isHeard) {
      hint();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
});

describe('opening the PostgreSQL store', () => {
  it('refuses a newer schema by name and does not touch it', async () => {
    const { to: known } = await migratePostgres({ url, logger });
    await withClient((client) => client.query('UPDATE darkroom_schema SET version = 99'));
    const error = await openPostgresStore({ url, logger }).catch((reason: unknown) => reason);
    await withClient((client) => client.query('UPDATE darkroom_schema SET version = $1', [known]));
    expect(error).toBeInstanceOf(SchemaTooNewError);
    expect(String(error)).toContain(`has schema 99, made by a newer Darkroom; this one knows up to ${known}.`);
  });

  it('refuses an unfinished copy, and opens it when it is finished', async () => {
    const copier = await openPostgresCopier({ url, logger });
    await copier.writeMark('source');
    const error = await openPostgresStore({ url, logger }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UnfinishedCopyError);
    expect(String(error)).toContain('is an unfinished copy of another Darkroom. Start the same `darkroom copy` again');
    expect(String(error)).not.toContain('darkroom:darkroom');
    await copier.writeMark(undefined);
    await copier.close();
    await (await open()).requests.check();
  });

  it('migrates an empty database once, however many processes start', async () => {
    const empty = await server.createDatabase();
    const migrations = await Promise.all([1, 2, 3].map(() => migratePostgres({ url: empty, logger })));
    const to = migrations[0]?.to ?? 0;
    expect(to).toBeGreaterThan(0);
    expect(migrations.map((migration) => migration.to)).toEqual([to, to, to]);
    expect(await migratePostgres({ url: empty, logger })).toEqual({ from: to, to });
    await server.dropDatabase(empty);
  });

  it.each([
    [
      'a database that is not there',
      (one: URL) => Object.assign(one, { pathname: '/nowhere' }),
      /There is no database nowhere/,
    ],
    ['a wrong password', (one: URL) => Object.assign(one, { password: 'wrong' }), /refuses the user or the password/],
  ])('names %s and what to do about it, and never the password', async (_what, change, sentence) => {
    const error = await openPostgresStore({ url: change(new URL(url)).href, logger }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(StoreUnusableError);
    expect(String(error)).toMatch(sentence);
    expect(String(error)).not.toMatch(/wrong|darkroom:darkroom/);
  });

  it('works without prepared statements, as behind a pooler in transaction mode', async () => {
    const pooled = new URL(url);
    pooled.searchParams.set('prepare', 'false');
    const store = await open({ url: pooled.href });
    const { lease } = await beginOne(store.requests);
    await store.requests.settle({ lease, ends: [toCallEnd()], verdict: { kind: 'interrupt' }, now: start });
    expect(await claimMany(store.requests, 1)).toHaveLength(1);
  });
});
