import { once } from 'node:events';
import net from 'node:net';
import type { RequestRecord, SuccessOutcomeRecord } from '@darkroom/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { openSqliteStore } from '../src/store/sqlite/open-sqlite-store.ts';
import { DarkroomProcess } from './darkroom-process.ts';

/** What a killed or stopped process leaves behind: real processes, real signals, real files. */

let darkroom: DarkroomProcess | undefined;
afterEach(() => darkroom?.remove());

async function start(env: Readonly<Record<string, string>> = {}): Promise<DarkroomProcess> {
  darkroom = await DarkroomProcess.start(env);
  return darkroom;
}

/** Reads the statuses until all requests have ended, one page at a time. */
async function waitForAll(server: DarkroomProcess, count: number): Promise<readonly RequestRecord[]> {
  const client = await server.client();
  for (;;) {
    const ended = await Promise.all(
      (['success', 'failed', 'cancelled'] as const).map((status) => client.list({ status, limit: 1 })),
    );
    if (ended.reduce((sum, page) => sum + page.total, 0) >= count) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const records: RequestRecord[] = [];
  for (let cursor: string | undefined; records.length < count; ) {
    const page = await client.list({ limit: 100, ...(cursor !== undefined && { cursor }) });
    records.push(...page.requests);
    cursor = page.next_cursor;
  }
  return records;
}

describe('kill -9', () => {
  it('in the middle of 80 requests: after a restart all succeed, each with one outcome', {
    timeout: 120_000,
  }, async () => {
    const server = await start({ DARKROOM_CONCURRENCY: '16' });
    const client = await server.client();
    // Calls that take equally long would end together, and a kill might come when none is under way.
    const submit = (index: number) =>
      client.submit({
        payload: {
          prompt: `kite number ${index} [[sandbox delay=${250 + (index % 7) * 30}ms size=128x128]]`,
          image_output_format: 'jpeg',
        },
      });
    const ids = (await Promise.all(Array.from({ length: 80 }, (_, index) => submit(index)))).map(
      ({ request_id }) => request_id,
    );
    while ((await client.list({ status: 'success', limit: 1 })).total < 20)
      await new Promise((resolve) => setTimeout(resolve, 20));
    await server.end('SIGKILL');

    await server.restart();
    const records = await waitForAll(server, 80);
    expect(records.map(({ request_id }) => request_id).sort()).toEqual([...ids].sort());
    expect(records.filter(({ status }) => status !== 'success')).toEqual([]);
    const urls = records.map((record) =>
      (record.outcome as SuccessOutcomeRecord).media_urls.map(({ url }) => new URL(url).pathname),
    );
    expect(urls.every((own) => own.length === 1)).toBe(true);
    expect(new Set(urls.flat()).size).toBe(80);
    for (const path of urls.flat().slice(0, 20)) expect((await fetch(`${server.url}${path}`)).status).toBe(200);

    await server.end();
    const store = openSqliteStore({ file: `${server.dataDir}/darkroom.db` });
    const logs = await Promise.all(ids.map((id) => store.requests.attempts('default', id)));
    await store.close();
    const lost = logs.flat().filter(({ result }) => result === 'lost');
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.every(({ isPossiblyBilled }) => isPossiblyBilled)).toBe(true);
    expect(logs.every((log) => log.filter(({ result }) => result === 'succeeded').length === 1)).toBe(true);
  });
});

describe('SIGTERM', () => {
  it('lets the pictures under way finish, and exits with 0', async () => {
    const server = await start();
    const client = await server.client();
    const { request_id } = await client.submit({ payload: { prompt: 'a slow owl [[sandbox delay=1s]]' } });
    while ((await client.status(request_id)).status !== 'processing')
      await new Promise((resolve) => setTimeout(resolve, 10));
    // npm passes on a signal that the terminal has already sent to the server: it is still one stop.
    server.signal('SIGTERM');
    expect(await server.end('SIGTERM')).toBe(0);
    await server.restart();
    expect((await (await server.client()).status(request_id)).status).toBe('success');
  });

  it('ends the process even if somebody holds a connection without a request', async () => {
    const server = await start();
    const { hostname, port } = new URL(server.url);
    const connection = net.connect(Number(port), hostname);
    await once(connection, 'connect');
    expect(await server.end('SIGTERM')).toBe(0);
    connection.destroy();
  });

  it('returns requests that do not end in time to the queue without blame, and the next process makes them', async () => {
    const server = await start({ DARKROOM_DRAIN_SECONDS: '0' });
    const client = await server.client();
    const { request_id } = await client.submit({ payload: { prompt: 'a very slow owl [[sandbox delay=3s times=1]]' } });
    while ((await client.status(request_id)).status !== 'processing')
      await new Promise((resolve) => setTimeout(resolve, 10));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await server.end('SIGTERM')).toBe(0);

    const store = openSqliteStore({ file: `${server.dataDir}/darkroom.db` });
    expect(await store.requests.find('default', request_id)).toMatchObject({ status: 'queued', outcome: undefined });
    expect(await store.requests.attempts('default', request_id)).toMatchObject([
      { result: 'interrupted', isPossiblyBilled: true },
    ]);
    await store.close();

    await server.restart();
    const record = await (await server.client()).wait(request_id);
    expect(record.status).toBe('success');
  });
});
