import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DarkroomProcess, darkroom as darkroomApart, runDarkroom } from './darkroom-process.ts';
import { findFreePort } from './free-port.ts';
import { darkroom } from './run-here.ts';

/** Which server a command talks to, and when it may run one itself. */

/** Commands that only read or order, as a person types them. */
const clientCommands: readonly (readonly string[])[] = [
  ['watch'],
  ['requests'],
  ['usage'],
  ['open', '--print'],
  ['cancel', 'some-id'],
  ['attempts', 'some-id'],
  ['failed'],
  ['requeue', '--all'],
  ['upstreams'],
  ['pause', 'upstream', 'sandbox'],
  ['budgets', 'list'],
  ['webhooks', 'endpoints'],
];

let root: string;
let folder: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'darkroom-cli-server-'));
});
beforeEach(async () => {
  folder = path.join(await mkdtemp(path.join(root, 'test-')), 'data');
});
afterAll(() => rm(root, { recursive: true }));

const at = (dataDir: string, port: number | string = 1) => ['--data-dir', dataDir, '--port', String(port)];
const generate = (dataDir: string, ...more: readonly string[]) =>
  darkroomApart(['generate', 'a kite', '--output', root, ...at(dataDir), ...more]);

describe('a command that reads', () => {
  it.each(clientCommands)(
    'never runs a server and does not touch the data folder: %s',
    { timeout: 60_000 },
    async (...words) => {
      const { code, output, errors } = await darkroom([...words, ...at(folder)]);
      expect([code, output]).toEqual([1, '']);
      expect(errors).toContain(`No Darkroom serves ${path.relative(os.tmpdir(), folder)}`);
      expect(errors).toContain('npx darkroom serve');
      expect(existsSync(folder)).toBe(false);
    },
  );

  it('says which address was tried, and never "fetch failed"', async () => {
    const dead = `http://127.0.0.1:${await findFreePort()}`;
    const { code, errors } = await darkroom(['requests', '--server', dead, ...at(folder)]);
    expect([code, errors]).toEqual([1, expect.stringContaining(`No Darkroom answers at ${dead}. Is it running there`)]);
    const wrong = await darkroom(['requests', '--server', 'localhost:4600', ...at(folder)]);
    expect([wrong.code, wrong.errors]).toEqual([1, expect.stringContaining('--server must be an http(s) URL')]);
  });
});

describe('the server of a data folder', () => {
  let server: DarkroomProcess;
  beforeAll(async () => {
    server = await DarkroomProcess.start();
  });
  afterAll(() => server.remove());

  const file = () => path.join(server.dataDir, 'server.json');
  const list = () => darkroom(['requests', '--json', ...at(server.dataDir)]);

  it('is found on any port, through a file that only its owner can read and that is removed when it stops', async () => {
    expect(JSON.parse(await readFile(file(), 'utf8'))).toEqual({ url: server.url, pid: expect.any(Number) });
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect(await list()).toMatchObject({ code: 0, output: '[]\n' });
    expect(await server.end()).toBe(0);
    expect(existsSync(file())).toBe(false);
    await server.restart();
  });

  it('is not confused with one that was killed, or with another process that has its number', async () => {
    await server.end('SIGKILL');
    expect(existsSync(file())).toBe(true);
    const killed = await list();
    expect(killed).toMatchObject({ code: 1, errors: expect.stringContaining('No Darkroom serves') });
    await writeFile(file(), JSON.stringify({ url: 'http://127.0.0.1:1', pid: process.pid }));
    const mistaken = await list();
    expect(mistaken).toMatchObject({
      code: 1,
      errors: expect.stringContaining('does not answer at http://127.0.0.1:1'),
    });
    await server.restart();
    expect(await list()).toMatchObject({ code: 0 });
  });

  it('is not replaced by generate when it is down: a command must not work through the waiting requests', async () => {
    const client = await server.client();
    const sandbox = { kind: 'upstream', name: 'sandbox' } as const;
    await (await server.admin()).pause(sandbox);
    const { request_id } = await client.submit({ payload: { prompt: 'a kite' } });
    await server.end();
    const { code, errors } = await generate(server.dataDir);
    expect([code, errors]).toEqual([1, expect.stringContaining('No Darkroom serves')]);
    await server.restart();
    expect((await (await server.client()).status(request_id)).status).toBe('queued');
    await (await server.admin()).resume(sandbox);
  });

  it('is named by generate, together with the request that Ctrl-C leaves to it', async () => {
    const running = runDarkroom(['generate', 'a kite [[sandbox delay=2s]]', '--json', ...at(server.dataDir)]);
    while (!/[0-9a-f-]{36} processing/.test(running.errors()))
      await new Promise((resolve) => running.process.stderr?.once('data', resolve));
    const [id = ''] = /[0-9a-f-]{36}/.exec(running.errors()) ?? [];
    running.process.kill('SIGINT');
    expect(await running.ended).toBe(130);
    expect(running.errors()).toContain(`The server continues with request ${id}`);
    expect(running.errors()).toContain(`darkroom cancel ${id}`);
    expect(JSON.parse(running.output())).toMatchObject({
      request_id: id,
      status: 'processing',
      error: { code: 'interrupted' },
    });
    expect((await (await server.client()).wait(id)).status).toBe('success');
  });
});

describe('generate, where no server has ever run', () => {
  it('runs its own server, again and again, and edit continues its picture', { timeout: 180_000 }, async () => {
    const first = await generate(folder, '--json');
    expect(first).toMatchObject({ code: 0 });
    const { request_id: id } = JSON.parse(first.output) as { readonly request_id: string };
    expect(await generate(folder)).toMatchObject({ code: 0 });
    const edited = await darkroomApart(['edit', id, 'Make it blue', '--output', root, ...at(folder)]);
    expect(edited).toMatchObject({ code: 0, output: expect.stringMatching(/png\n$/) });
    expect(existsSync(path.join(folder, 'server.json'))).toBe(false);
    // From now on the folder belongs to a server.
    const server = runDarkroom(['serve', '--data-dir', folder, '--port', '0']);
    while (!/darkroom generate/.test(server.output()))
      await new Promise((resolve) => server.process.stdout?.once('data', resolve));
    expect(await generate(folder)).toMatchObject({ code: 0 });
    server.process.kill('SIGTERM');
    expect(await server.ended).toBe(0);
    expect(await generate(folder)).toMatchObject({ code: 1, errors: expect.stringContaining('No Darkroom serves') });
  });

  it('is not misled by another Darkroom on the usual port, for which it has no key', {
    timeout: 120_000,
  }, async () => {
    const other = await DarkroomProcess.start();
    try {
      const { port } = new URL(other.url);
      for (let i = 0; i < 2; i++)
        expect(await darkroomApart(['generate', 'a kite', '--output', root, ...at(folder, port)])).toMatchObject({
          code: 0,
        });
      expect((await (await other.client()).list()).total).toBe(0);
    } finally {
      await other.remove();
    }
  });

  it('cancels its request at Ctrl-C, because nothing else would continue it', async () => {
    const running = runDarkroom(['generate', 'a kite [[sandbox delay=3s]]', '--output', root, ...at(folder)]);
    while (!/[0-9a-f-]{36} processing/.test(running.errors()))
      await new Promise((resolve) => running.process.stderr?.once('data', resolve));
    running.process.kill('SIGINT');
    expect([await running.ended, running.errors()]).toEqual([130, expect.stringMatching(/[0-9a-f-]{36} is cancelled/)]);
  });
});
