import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Darkroom, DarkroomAdmin } from '@darkroom/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeServer, openStore } from '../src/compose.ts';
import { loadConfig, type SettingValues } from '../src/config/load-config.ts';
import { createLogger } from '../src/platform/logger.ts';
import { DarkroomProcess, darkroom, runDarkroom } from './darkroom-process.ts';
import { startTestServer, type TestServer } from './postgres/test-database.ts';

/** Enough pages of rows that a kill comes in the middle. */
const waiting = 1_000;

const owl = JSON.stringify({
  payload: { prompt: 'an owl', output_format: 'jpeg' },
  model: 'gemini-3-pro-image-preview',
});

/** The same answer each time: the id of one request. */
async function submitOwl(url: string, apiKey: string): Promise<string> {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', 'idempotency-key': 'owl' };
  const response = await fetch(`${url}/api/v1/ie/requestqueue/apikey/requests`, { method: 'POST', headers, body: owl });
  return `${response.status} ${/"request_id":"([^"]+)"/.exec(await response.text())?.[1]}`;
}

async function fill(url: string, apiKey: string): Promise<void> {
  const client = new Darkroom({ baseUrl: url, apiKey });
  const admin = new DarkroomAdmin({ baseUrl: url, apiKey });
  await admin.setBudget({ scope: 'organization', id: 'default', period: 'month' }, 5_000);
  const prompts = ['a kite', 'a panda', 'a kite [[sandbox block=PROHIBITED_CONTENT]]'];
  const made = await Promise.all(prompts.map((prompt) => client.submit({ payload: { prompt } })));
  await submitOwl(url, apiKey);
  for (const { request_id } of (await client.list()).requests) await client.wait(request_id);
  const [first] = made;
  const edited = await client.submit({ payload: { prompt: 'Make it blue', previous_request_id: first?.request_id } });
  await client.wait(edited.request_id);
  await admin.pause({ kind: 'upstream', name: 'sandbox' });
  for (let left = waiting; left > 0; left -= 50)
    await Promise.all(Array.from({ length: 50 }, () => client.submit({ payload: { prompt: 'a later kite' } })));
}

/** What callers and the operator can see of a Darkroom, with the SHA-256 of each picture. */
async function look(url: string, apiKey: string) {
  const client = new Darkroom({ baseUrl: url, apiKey });
  const admin = new DarkroomAdmin({ baseUrl: url, apiKey });
  const all = [];
  for await (const { request_id, status } of client.listAll()) all.push([request_id, status]);
  const ended = (await Promise.all((['success', 'failed'] as const).map((status) => client.list({ status })))).flatMap(
    ({ requests }) => requests,
  );
  const names = [...JSON.stringify(ended).matchAll(/\/media\/([\w-]{32}\.\w+)/g)].map(([, name]) => name ?? '');
  const pictures = await Promise.all(
    names.map(async (name) => {
      const response = await fetch(`${url}/media/${name}`);
      return [
        name,
        response.status,
        createHash('sha256')
          .update(await response.bytes())
          .digest('hex'),
      ];
    }),
  );
  const attempts = await Promise.all(ended.map(({ request_id }) => client.attempts(request_id)));
  const [usage, { budgets }] = [await client.usage({ groupBy: 'model' }), await admin.budgets()];
  const owner = await submitOwl(url, apiKey);
  return JSON.stringify({ all, ended, pictures, attempts, usage, budgets, owner }).replaceAll(url, '');
}

function failUnkilled(): never {
  throw new Error('The copy has ended before it was killed.');
}

describe('darkroom copy', { timeout: 60_000 }, () => {
  let folder: string;
  let source: DarkroomProcess;
  let key: string;
  let seen: string;
  let postgres: TestServer;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-copy-test-'));
    postgres = await startTestServer();
    source = await DarkroomProcess.start({ DARKROOM_MAX_QUEUED: '9999' });
    key = await source.key();
    await fill(source.url, key);
    seen = await look(source.url, key);
    expect(seen).toMatch(/"pictures":\[(\["[\w-]{32}\.\w+",200,"[0-9a-f]{64}"\],?){4,}\]/);
  }, 60_000);
  afterAll(async () => {
    await source.remove();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const toFolder = (name: string) => path.join(folder, name);

  /** What is seen of a copy when it is served. */
  async function lookAt(dataDir: string, flags: SettingValues = {}): Promise<string> {
    const values = { PORT: '0', LOG_LEVEL: 'silent', DARKROOM_DATA_DIR: dataDir, ...flags };
    const config = loadConfig({ env: {}, flags: values, folder });
    const server = await composeServer(config, createLogger(config.logLevel));
    await server.start();
    try {
      return await look(server.url, key);
    } finally {
      await server.stop();
    }
  }

  it('refuses a source that is served, and then one that is not there', async () => {
    const served = await darkroom(['copy', '--from', source.dataDir, '--to', toFolder('refused')]);
    expect([served.code, served.errors]).toEqual([1, expect.stringContaining('at work on the source')]);
    await source.end();
    const missing = await darkroom(['copy', '--from', toFolder('nothing'), '--to', toFolder('refused')]);
    expect([missing.code, missing.errors]).toEqual([1, expect.stringContaining('There is no Darkroom in')]);
  });

  it('goes on where it was killed, and ends with all that was there', async () => {
    const args = ['copy', '--from', source.dataDir, '--to', toFolder('copy')];
    const killed = runDarkroom(args);
    while (!/copying requests .* (250|500|750) of/.test(killed.errors()))
      await Promise.race([
        killed.ended.then(failUnkilled),
        killed.process.stderr && once(killed.process.stderr, 'data'),
      ]);
    killed.process.kill('SIGKILL');
    expect(await killed.ended).toBe(null);
    const other = await darkroom(['copy', '--from', toFolder('copy'), '--to', toFolder('other')]);
    expect([other.code, other.errors]).toEqual([1, expect.stringContaining('not finished')]);
    const again = await darkroom(args);
    expect([again.code, again.output]).toEqual([
      0,
      expect.stringMatching(/Copied and compared: \d+ objects.*requests/),
    ]);
    expect(again.errors).not.toMatch(/copying requests .* 0 of/);
    expect(await lookAt(toFolder('copy'))).toBe(seen);
  });

  it('refuses a target that has something of its own', async () => {
    const { code, errors } = await darkroom(['copy', '--from', source.dataDir, '--to', toFolder('copy')]);
    expect([code, errors]).toEqual([1, expect.stringContaining('The target is not empty')]);
  });

  it('brings all to PostgreSQL, and back', async () => {
    const DATABASE_URL = await postgres.createDatabase();
    const there = await darkroom(['copy', '--from', source.dataDir], {
      DATABASE_URL,
      DARKROOM_DATA_DIR: toFolder('postgres'),
    });
    expect([there.code, there.errors]).toEqual([0, expect.not.stringContaining('darkroom:darkroom')]);
    expect(await lookAt(toFolder('postgres'), { DATABASE_URL })).toBe(seen);
    const back = await darkroom(['copy', '--from', DATABASE_URL, '--to', toFolder('back')], {
      DARKROOM_DATA_DIR: toFolder('postgres'),
    });
    expect(back.code).toBe(0);
    expect(await lookAt(toFolder('back'))).toBe(seen);
  });

  it('refuses a database that others are connected to', async () => {
    const DATABASE_URL = await postgres.createDatabase();
    const config = { databaseUrl: DATABASE_URL, dataDir: toFolder('postgres') };
    const store = await openStore(config, createLogger('silent'));
    const { code, errors } = await darkroom(['copy', '--from', source.dataDir], {
      DATABASE_URL,
      DARKROOM_DATA_DIR: config.dataDir,
    });
    await store.close();
    expect([code, errors]).toEqual([1, expect.stringContaining('at work on the target')]);
  });
});
