import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Darkroom, DarkroomAdmin } from '@darkroom/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeServer } from '../src/compose.ts';
import { openStore } from '../src/compose-tools.ts';
import { loadConfig } from '../src/config/load-config.ts';
import { createLogger } from '../src/platform/logger.ts';
import { DarkroomProcess, darkroom as darkroomApart, runDarkroom } from './darkroom-process.ts';
import { type S3TestServer, startS3TestServer } from './fakes/s3-test-server.ts';
import { startTestServer, type TestServer } from './postgres/test-database.ts';
import { darkroom } from './run-here.ts';
import { WebhookReceiver } from './webhook-receiver.ts';

/** Enough pages of rows for a kill in the middle. */
const waiting = 1_000;

const owl = JSON.stringify({
  payload: { prompt: 'an owl', output_format: 'jpeg' },
  model: 'gemini-3-pro-image-preview',
});

/** Always returns the id of the same request. */
async function submitOwl(url: string, apiKey: string): Promise<string> {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', 'idempotency-key': 'owl' };
  const response = await fetch(`${url}/api/v1/ie/requestqueue/apikey/requests`, { method: 'POST', headers, body: owl });
  return `${response.status} ${/"request_id":"([^"]+)"/.exec(await response.text())?.[1]}`;
}

/** Leaves deliveries that were accepted, and one that waits until its endpoint is resumed. */
async function fill(url: string, apiKey: string, receiver: WebhookReceiver): Promise<void> {
  const client = new Darkroom({ baseUrl: url, apiKey });
  const admin = new DarkroomAdmin({ baseUrl: url, apiKey });
  const endpoint = await client.webhooks.create({ url: receiver.url('/told'), events: ['success', 'failed'] });
  receiver.secrets.set('/told', [endpoint.secret]);
  await admin.setBudget({ scope: 'organization', id: 'default', period: 'month' }, 5_000);
  const prompts = ['a kite', 'a panda', 'a kite [[sandbox block=PROHIBITED_CONTENT]]'];
  const made = await Promise.all(prompts.map((prompt) => client.submit({ payload: { prompt } })));
  await submitOwl(url, apiKey);
  for (const { request_id } of (await client.list()).requests) await client.wait(request_id);
  while ((await client.webhooks.deliveries({ status: 'delivered' })).deliveries.length < made.length + 1)
    await pause(50);
  await client.webhooks.update(endpoint.id, { paused: true });
  const [first] = made;
  const edited = await client.submit({ payload: { prompt: 'Make it blue', previous_request_id: first?.request_id } });
  await client.wait(edited.request_id);
  await admin.pause({ kind: 'upstream', name: 'sandbox' });
  for (let left = waiting; left > 0; left -= 50)
    await Promise.all(
      Array.from({ length: 50 }, () => client.submit({ payload: { prompt: 'a later kite [[sandbox size=64x64]]' } })),
    );
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
  const webhooks = [await client.webhooks.endpoints(), await client.webhooks.deliveries()];
  const [usage, { budgets }] = [await client.usage({ groupBy: 'model' }), await admin.budgets()];
  const owner = await submitOwl(url, apiKey);
  return JSON.stringify({ all, ended, pictures, attempts, usage, budgets, webhooks, owner })
    .replaceAll(url, '')
    .replaceAll(encodeURIComponent(url), '');
}

type Env = Readonly<Record<string, string>>;

/** The receiver of webhooks listens on the loopback. */
const allowReceiver = { DARKROOM_ALLOW_PRIVATE_HOSTS: '127.0.0.1' };

function failUnkilled(): never {
  throw new Error('The copy has ended before it was killed.');
}

describe('darkroom copy', { timeout: 60_000 }, () => {
  let folder: string;
  let source: DarkroomProcess;
  let key: string;
  let seen: string;
  let postgres: TestServer;
  let bucket: S3TestServer;
  let receiver: WebhookReceiver;
  const copies: DarkroomProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-copy-test-'));
    postgres = await startTestServer();
    bucket = await startS3TestServer();
    receiver = await WebhookReceiver.start();
    source = await DarkroomProcess.start({ DARKROOM_MAX_QUEUED: '9999', ...allowReceiver });
    key = await source.key();
    await fill(source.url, key, receiver);
    seen = await look(source.url, key);
    expect(seen).toMatch(/"pictures":\[(\["[\w-]{32}\.\w+",200,"[0-9a-f]{64}"\],?){4,}\]/);
  }, 60_000);
  afterAll(async () => {
    for (const one of [source, ...copies]) await one.remove();
    await postgres.stop();
    await bucket.close();
    await receiver.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const toFolder = (name: string) => path.join(folder, name);

  /** What is visible of a copy when it is served. */
  async function lookAt(dataDir: string): Promise<string> {
    const values = { PORT: '0', LOG_LEVEL: 'silent', DARKROOM_DATA_DIR: dataDir };
    const config = loadConfig({ env: {}, flags: values, folder });
    const server = await composeServer(config, createLogger(config.logLevel));
    await server.start();
    try {
      return await look(server.url, key);
    } finally {
      await server.stop();
    }
  }

  it('refuses a source that is being served, and one that does not exist', async () => {
    const served = await darkroom(['copy', '--from', source.dataDir, '--to', toFolder('refused')]);
    expect([served.code, served.errors]).toEqual([1, expect.stringContaining('running on the source')]);
    await source.end();
    const missing = await darkroom(['copy', '--from', toFolder('nothing'), '--to', toFolder('refused')]);
    expect([missing.code, missing.errors]).toEqual([1, expect.stringContaining('There is no Darkroom in')]);
  });

  async function breakOff(args: readonly string[], env: Env = {}): Promise<void> {
    const killed = runDarkroom(args, env);
    while (!/copying requests .* (250|500|750) of/.test(killed.errors()))
      await Promise.race([
        killed.ended.then(failUnkilled),
        killed.process.stderr && once(killed.process.stderr, 'data'),
      ]);
    killed.process.kill('SIGKILL');
    expect(await killed.ended).toBe(null);
  }

  it('continues where it was killed, and ends with everything; no process serves it before that', async () => {
    const args = ['copy', '--from', source.dataDir, '--to', toFolder('copy')];
    await breakOff(args);
    const served = await darkroomApart(['serve', '--port', '0', '--data-dir', toFolder('copy')]);
    expect([served.code, served.errors]).toEqual([1, expect.stringContaining('is an unfinished copy of another')]);
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

  it('refuses a target that is not empty', async () => {
    const { code, errors } = await darkroom(['copy', '--from', source.dataDir, '--to', toFolder('copy')]);
    expect([code, errors]).toEqual([1, expect.stringContaining('The target is not empty')]);
  });

  it('moves everything to PostgreSQL and a bucket, where everything works, although it was killed there; and back from the bucket', async () => {
    const env = {
      DATABASE_URL: await postgres.createDatabase(),
      DARKROOM_STORAGE: `s3://${bucket.bucket}/pictures?endpoint=${bucket.url}&region=us-east-1`,
      AWS_ACCESS_KEY_ID: bucket.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: bucket.credentials.secretAccessKey,
      DARKROOM_DATA_DIR: toFolder('machine'),
      ...allowReceiver,
    };
    await breakOff(['copy', '--from', source.dataDir], env);
    const served = await darkroomApart(['serve', '--port', '0'], env);
    expect([served.code, served.errors]).toEqual([1, expect.stringContaining('is an unfinished copy of another')]);
    const again = await darkroom(['copy', '--from', source.dataDir], env);
    expect(again.code).toBe(0);
    for (const text of ['darkroom:darkroom', 'copying requests .* 0 of', env.AWS_SECRET_ACCESS_KEY])
      expect(again.errors + served.errors).not.toMatch(text);

    const there = await DarkroomProcess.start(env);
    copies.push(there);
    expect(await look(there.url, key)).toBe(seen);
    expect(await tellWhatWaited(there.url)).toEqual(['request.success']);
    const left = await look(there.url, key);
    await there.end();
    const flags = ['--from', env.DATABASE_URL, '--from-storage', env.DARKROOM_STORAGE, '--to', toFolder('back')];
    const back = await darkroom(['copy', ...flags], env);
    expect(back.code).toBe(0);
    expect(await lookAt(toFolder('back'))).toBe(left);
  });

  /** The messages that waited for the endpoint, signed with the secret from the source. */
  async function tellWhatWaited(url: string): Promise<readonly string[]> {
    const { webhooks } = new Darkroom({ baseUrl: url, apiKey: key });
    const before = receiver.taken.length;
    const [endpoint] = (await webhooks.endpoints()).endpoints;
    await webhooks.update(endpoint?.id ?? '', { paused: false });
    while ((await webhooks.deliveries({ status: 'pending' })).deliveries.length > 0) await pause(50);
    expect(receiver.wrongs).toEqual([]);
    return receiver.taken.slice(before).map(({ type }) => type);
  }

  it('refuses a database with other connections', async () => {
    const DATABASE_URL = await postgres.createDatabase();
    const config = { databaseUrl: DATABASE_URL, dataDir: toFolder('postgres') };
    const store = await openStore(config, createLogger('silent'));
    const { code, errors } = await darkroom(['copy', '--from', source.dataDir], {
      DATABASE_URL,
      DARKROOM_DATA_DIR: config.dataDir,
    });
    await store.close();
    expect([code, errors]).toEqual([1, expect.stringContaining('running on the target')]);
  });
});
