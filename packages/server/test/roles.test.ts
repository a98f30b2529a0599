import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { Darkroom } from '@darkroom/client';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RunningCommand, runDarkroom } from './darkroom-process.ts';
import { type S3TestServer, startS3TestServer } from './fakes/s3-test-server.ts';
import {
  type OwnTestServer,
  type TestServer as PostgresTestServer,
  startOwnServer,
  startTestServer,
} from './postgres/test-database.ts';
import { darkroom } from './run-here.ts';

let dataDir: string;
const running: RunningCommand[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(os.tmpdir(), 'darkroom-roles-'));
});
afterEach(async () => {
  for (const { process } of running) process.kill('SIGKILL');
  await Promise.all(running.splice(0).map(({ ended }) => ended));
  await rm(dataDir, { recursive: true, force: true });
});

interface ServeOptions {
  /** Its data folder; by default the one of the test. */
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Resolves with the process and its printed address, at which it listens. */
async function serve(role: 'all' | 'api' | 'worker', { folder = dataDir, env = {} }: ServeOptions = {}) {
  const one = runDarkroom(['serve', '--role', role, '--port', '0', '--data-dir', folder], {
    ...env,
    LOG_LEVEL: 'warn',
    ...(role === 'worker' && { DARKROOM_PUBLIC_URL: 'http://pictures.example', DARKROOM_DRAIN_SECONDS: '0' }),
  });
  running.push(one);
  const { stdout } = one.process;
  const findUrl = () => /(?:Address|Health) +(http:\/\/[\d.:a-z]+)/.exec(one.output())?.[1];
  while (findUrl() === undefined) {
    const isOver = await Promise.race([one.ended.then(() => true), stdout && once(stdout, 'data').then(() => false)]);
    if (isOver) throw new Error(`It ended: ${one.errors()}`);
  }
  const stop = (signal: 'SIGTERM' | 'SIGKILL') => {
    one.process.kill(signal);
    return one.ended;
  };
  return { url: findUrl() ?? '', stop, errors: one.errors };
}

async function connect(url: string): Promise<Darkroom> {
  const apiKey = (await readFile(path.join(dataDir, 'api-key'), 'utf8')).trim();
  return new Darkroom({ baseUrl: url, apiKey });
}

describe('roles, as processes on one data folder', { timeout: 60_000 }, () => {
  it('an API accepts requests and makes nothing; a worker makes them and answers no callers', async () => {
    const api = await serve('api');
    const client = await connect(api.url);
    const { request_id } = await client.submit({ payload: { prompt: 'a kite' } });
    const worker = await serve('worker');
    expect((await client.wait(request_id)).status).toBe('success');
    for (const route of ['/healthz', '/readyz']) expect((await fetch(worker.url + route)).status).toBe(200);
    for (const route of ['/', '/docs', '/api/v1/apikey/models'])
      expect((await fetch(worker.url + route)).status).toBe(404);
    expect([await worker.stop('SIGTERM'), await api.stop('SIGTERM')]).toEqual([0, 0]);
  });

  it('a worker that stops returns its requests, and another one makes them', async () => {
    const api = await serve('api');
    const client = await connect(api.url);
    const first = await serve('worker');
    const { request_id } = await client.submit({ payload: { prompt: 'a kite [[sandbox delay=3s]]' } });
    while ((await client.status(request_id)).status === 'queued') await pause(50);
    expect(await first.stop('SIGTERM')).toBe(0);
    expect((await client.status(request_id)).status).toBe('queued');
    await serve('worker');
    expect((await client.wait(request_id)).status).toBe('success');
    const { attempts } = await client.attempts(request_id);
    expect(attempts.map(({ result }) => result)).toEqual(['interrupted', 'succeeded']);
  });
});

const folderOf = (name: string) => path.join(dataDir, name);

describe('roles on PostgreSQL and a bucket, as if each had its own machine', { timeout: 60_000 }, () => {
  let postgres: PostgresTestServer;
  let bucket: S3TestServer;
  beforeAll(async () => {
    postgres = await startTestServer();
    bucket = await startS3TestServer();
  });
  afterAll(async () => {
    await postgres.stop();
    await bucket.close();
  });

  it('any API accepts a request that any worker makes, and any other API shows its picture', async () => {
    const env = {
      DATABASE_URL: await postgres.createDatabase(),
      DARKROOM_STORAGE: `s3://${bucket.bucket}/pictures?endpoint=${bucket.url}&region=us-east-1`,
      AWS_ACCESS_KEY_ID: bucket.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: bucket.credentials.secretAccessKey,
      DARKROOM_API_KEY: 'a-key-for-all-machines',
    };
    const [first, second] = await Promise.all([
      serve('api', { folder: folderOf('first'), env }),
      serve('api', { folder: folderOf('second'), env }),
      serve('worker', { folder: folderOf('third'), env }),
      serve('worker', { folder: folderOf('fourth'), env }),
    ]);
    const client = new Darkroom({ baseUrl: first.url, apiKey: env.DARKROOM_API_KEY });
    const ids = await Promise.all(
      [1, 2, 3, 4].map(async () => (await client.submit({ payload: { prompt: 'a kite' } })).request_id),
    );
    const other = new Darkroom({ baseUrl: second.url, apiKey: env.DARKROOM_API_KEY });
    for (const id of ids) {
      const record = await other.wait(id);
      expect(record.status).toBe('success');
      const [, name] = /\/media\/([\w-]{32}\.png)/.exec(JSON.stringify(record)) ?? [];
      for (const { url } of [first, second]) expect((await fetch(`${url}/media/${name}`)).status).toBe(200);
    }
    expect(bucket.calls.some((call) => call.startsWith('PUT /'))).toBe(true);
    const probes = () => bucket.calls.filter((call) => /^PUT .*probe-/.test(call)).length;
    const before = probes();
    expect(before).toBeGreaterThan(0);
    const ready = await Promise.all(Array.from({ length: 20 }, () => fetch(`${first.url}/readyz`)));
    expect(ready.map(({ status }) => status)).toEqual(ready.map(() => 200));
    expect(probes() - before).toBeLessThanOrEqual(1);
  });

  it('make one first key when they start at the same time on an empty database', async () => {
    const env = { DATABASE_URL: await postgres.createDatabase() };
    const names = ['first', 'second', 'third'];
    const apis = await Promise.all(names.map((name) => serve('api', { folder: folderOf(name), env })));
    const read = (name: string) => readFile(path.join(folderOf(name), 'api-key'), 'utf8').catch(() => undefined);
    const [key = '', ...others] = (await Promise.all(names.map(read))).filter((text) => text !== undefined);
    expect(others).toEqual([]);
    for (const { url } of apis)
      expect((await new Darkroom({ baseUrl: url, apiKey: key.trim() }).list()).requests).toEqual([]);
  });
});

describe('an API and a worker whose PostgreSQL is killed', { timeout: 60_000 }, () => {
  let postgres: OwnTestServer;
  beforeAll(async () => {
    postgres = await startOwnServer();
  });
  afterAll(() => postgres.stop());

  it('continue when it is back: answered requests are kept, requests under way are made, and nobody has to start them again', async () => {
    const env = { DATABASE_URL: await postgres.createDatabase(), DARKROOM_API_KEY: 'a-key-for-both' };
    const [api] = await Promise.all([serve('api', { env }), serve('worker', { env })]);
    const client = new Darkroom({ baseUrl: api.url, apiKey: env.DARKROOM_API_KEY });
    const submit = async (index: number) => {
      const prompt = `a kite [[sandbox delay=${100 * (index % 5)}ms size=64x64]]`;
      return (await client.submit({ payload: { prompt }, idempotencyKey: `kite-${index}` })).request_id;
    };
    const ids = await Promise.all([0, 1, 2, 3, 4, 5].map(submit));
    while ((await client.list({ status: 'success' })).total === 0) await pause(50);
    const meanwhile: Promise<string>[] = [];
    await postgres.crash(async () => {
      const ready = await fetch(`${api.url}/readyz`);
      expect([ready.status, await ready.json()]).toEqual([503, expect.objectContaining({ status: 'unavailable' })]);
      meanwhile.push(submit(6), submit(7));
    });
    ids.push(...(await Promise.all(meanwhile)));
    for (const id of ids) expect((await client.wait(id)).status).toBe('success');
    expect(await submit(0)).toBe(ids[0]);
    expect((await client.list()).total).toBe(ids.length);
  });
});

describe('a schema that a newer program has made', { timeout: 60_000 }, () => {
  let postgres: PostgresTestServer;
  beforeAll(async () => {
    postgres = await startTestServer();
  });
  afterAll(() => postgres.stop());

  /** What a migration may do: add something to what exists. */
  async function migrateSqliteFurther(): Promise<void> {
    const db = new DatabaseSync(path.join(dataDir, 'darkroom.db'), { timeout: 5_000 });
    const version = Number(Object.values(db.prepare('PRAGMA user_version').get() ?? {})[0]);
    db.exec(`BEGIN IMMEDIATE; ALTER TABLE requests ADD COLUMN mood TEXT; PRAGMA user_version = ${version + 1}; COMMIT`);
    db.close();
  }

  async function migratePostgresFurther(url: string): Promise<void> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const tables = ['requests', 'attempts', 'api_keys', 'events'].map(
      (name) => `ALTER TABLE ${name} ADD COLUMN mood text`,
    );
    await client.query(`BEGIN; ${tables.join('; ')}; UPDATE darkroom_schema SET version = version + 1; COMMIT`);
    await client.end();
  }

  const toPostgres = async () => {
    const url = await postgres.createDatabase();
    return { env: { DATABASE_URL: url }, migrateFurther: () => migratePostgresFurther(url) };
  };

  it.each([
    ['SQLite', async () => ({ env: {}, migrateFurther: migrateSqliteFurther })],
    ['PostgreSQL', toPostgres],
  ])(
    'loses no requests of older programs that run on %s, which refuse it by name when they start',
    async (_store, place) => {
      const { env, migrateFurther } = await place();
      const old = await serve('all', { env });
      const client = await connect(old.url);
      const before = await client.submit({ payload: { prompt: 'a kite [[sandbox delay=500ms]]' } });
      await migrateFurther();
      const after = await client.submit({ payload: { prompt: 'a kite' } });
      for (const { request_id } of [before, after]) {
        expect((await client.wait(request_id)).status).toBe('success');
        expect((await client.attempts(request_id)).attempts.map(({ result }) => result)).toEqual(['succeeded']);
      }
      expect([await old.stop('SIGTERM'), old.errors()]).toEqual([0, '']);
      const again = runDarkroom(['serve', '--port', '0', '--data-dir', dataDir], env);
      expect([await again.ended, again.errors()]).toEqual([1, expect.stringContaining('made by a newer Darkroom')]);
      const migrate = await darkroom(['migrate', '--data-dir', dataDir], env);
      expect([migrate.code, migrate.errors]).toEqual([1, expect.stringContaining('made by a newer Darkroom')]);
    },
  );
});

describe('darkroom migrate', () => {
  it('makes the schema, and then finds nothing to do', async () => {
    const first = await darkroom(['migrate', '--data-dir', dataDir]);
    expect([first.code, first.output]).toEqual([
      0,
      expect.stringMatching(/^The schema was at version 0 and is now at \d+\.\n$/),
    ]);
    const second = await darkroom(['migrate', '--data-dir', dataDir]);
    expect([second.code, second.output]).toEqual([
      0,
      expect.stringMatching(/^The schema is at version \d+: nothing to do\.\n$/),
    ]);
  });
});
