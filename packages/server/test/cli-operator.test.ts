import { once } from 'node:events';
import type { Darkroom, DarkroomAdmin } from '@darkroom/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { version } from '../src/platform/version.ts';
import { type RunningCommand, runDarkroom } from './darkroom-process.ts';
import { drawPlain } from './draw-plain.ts';
import { darkroom } from './run-here.ts';
import { startServer, type TestServer } from './start-server.ts';

/** The commands for an operator when something is wrong. */

let server: TestServer;
let client: Darkroom;
let admin: DarkroomAdmin;
beforeAll(async () => {
  server = await startServer({}, { illustrate: drawPlain });
  [client, admin] = [server.client, server.admin];
});
afterAll(() => server.stop());

const onServer = () => ['--data-dir', server.dataDir, '--server', server.url];
const run = (...args: readonly string[]) => darkroom([...args, ...onServer()]);

/** Resolves when the command has printed these words on standard error. */
async function saying(command: RunningCommand, words: string): Promise<void> {
  while (!command.errors().includes(words)) {
    const isOver = await Promise.race([
      command.ended.then(() => true),
      command.process.stderr ? once(command.process.stderr, 'data').then(() => false) : true,
    ]);
    if (isOver && !command.errors().includes(words)) throw new Error(`It never said so: ${command.errors()}`);
  }
}

describe('a pause', () => {
  it('holds the requests, which say so, until it ends', async () => {
    expect((await run('pause', 'upstream', 'sandbox')).output).toContain('darkroom resume upstream sandbox');
    const waiting = runDarkroom(['generate', 'a kite', '--output', server.dataDir, ...onServer()]);
    await saying(waiting, 'queued: Paused by an operator.');
    const [requests, upstreams] = await Promise.all([run('requests'), run('upstreams')]);
    expect(requests.output).toMatch(/queued: paused .*about \$0\.1.*a kite/);
    expect(upstreams.output).toMatch(/sandbox +gemini-3-pro-image +paused +0 +0 /);
    expect((await run('resume', 'upstream', 'sandbox')).code).toBe(0);
    expect(await waiting.ended).toBe(0);
    expect(JSON.parse((await run('upstreams', '--json')).output)).toContainEqual(
      expect.objectContaining({ upstream: 'sandbox', is_open: true, under_way: 0 }),
    );
  });

  it('holds only one model, and its request can be cancelled', async () => {
    const model = 'gemini-3-pro-image-preview';
    expect((await run('pause', 'model', model)).code).toBe(0);
    const { request_id } = await client.submit({ payload: { prompt: 'a kite' } });
    expect((await run('cancel', request_id)).output).toBe(`${request_id} cancelled\n`);
    expect((await run('resume', 'model', model)).code).toBe(0);
    const ended = await client.submit({ payload: { prompt: 'a kite' } });
    await client.wait(ended.request_id);
    expect((await run('cancel', ended.request_id)).output).toContain('had already ended: success');
  });

  it('of an unknown name is refused, with the names that exist', async () => {
    const { code, errors } = await run('pause', 'upstream', 'moon');
    expect([code, errors]).toEqual([1, expect.stringContaining('sandbox')]);
  });
});

describe('failed requests', () => {
  const fail = async () => {
    const payload = { prompt: 'a kite [[sandbox block=PROHIBITED_CONTENT]]' };
    const { request_id } = await client.submit({ payload });
    await client.wait(request_id);
    return request_id;
  };

  it('are listed by their code and queued again, one or all of a code', async () => {
    const [one, other] = [await fail(), await fail()];
    const [list, none] = await Promise.all([
      run('failed', '--code', 'prompt_blocked'),
      run('failed', '--code', 'no_image', '--json'),
    ]);
    expect(list.output).toMatch(new RegExp(`ORGANIZATION[\\s\\S]*${other}.*prompt_blocked[\\s\\S]*${one}`));
    expect(JSON.parse(none.output)).toEqual([]);
    expect((await run('requeue', one, 'no-such-request')).output).toMatch(/1 queued again\nno-such-request is neither/);
    await client.wait(one);
    expect((await client.attempts(one)).attempts).toHaveLength(2);
    expect((await run('requeue', '--code', 'prompt_blocked')).output).toBe('2 queued again\n');
    await client.wait(other);
    expect((await client.attempts(other)).attempts).toHaveLength(2);
  });

  it('are queued again only when the command says which', async () => {
    const [none, both] = await Promise.all([run('requeue'), run('requeue', '--all', '--code', 'no_image')]);
    for (const { code, errors } of [none, both]) {
      expect([code, errors]).toEqual([1, expect.stringContaining('--code CODE, or --all')]);
    }
  });
});

describe('budgets', () => {
  it('are set, shown and removed, and refuse requests that exceed them', async () => {
    expect((await run('budgets', 'set', 'organization', 'default', 'day', '0.01')).output).toMatch(
      /default +day +\$0\.01/,
    );
    await expect(client.submit({ payload: { prompt: 'a kite' } })).rejects.toMatchObject({ status: 402 });
    expect((await run('budgets', 'list')).output).toMatch(/SCOPE[\s\S]*organization +default +day +\$0\.01 +\$\d/);
    expect((await run('budgets', 'remove', 'organization', 'default', 'day')).code).toBe(0);
    expect((await admin.budgets()).budgets).toEqual([]);
    const wrong = await run('budgets', 'set', 'organization', 'default', 'day', 'much');
    expect([wrong.code, wrong.errors]).toEqual([1, expect.stringContaining('number of dollars')]);
  });
});

const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

describe('delete', () => {
  it('takes requests, uploads and all of an organization, and only after a confirmation', async () => {
    const url = await client.upload(pixel);
    const { request_id: id } = await client.submit({ payload: { prompt: 'a kite to delete', image: url } });
    expect((await run('delete', id, '--yes')).errors).toContain('cancel it');
    await client.wait(id);
    expect((await run('delete', id)).errors).toContain('Add --yes to delete the request');
    expect((await run('delete', id, '--yes')).output).toContain(`${id} deleted (it had ended as success)`);
    expect((await run('delete', id, '--yes')).code).toBe(0);
    await expect(client.status(id)).rejects.toMatchObject({ status: 410, code: 'deleted' });
    expect((await fetch(url)).status).toBe(410);
    const left = await client.upload(pixel);
    expect((await run('delete', '--upload', left, '--yes')).code).toBe(0);
    expect((await fetch(left)).status).toBe(410);
    const other = await client.submit({ payload: { prompt: 'a kite that is queued' } });
    expect((await run('delete', '--organization', 'default', '--yes')).output).toMatch(/default: \d+ requests/);
    await expect(client.status(other.request_id)).rejects.toMatchObject({ code: 'deleted' });
    expect((await run('delete')).errors).toContain('Say what to delete');
  });
});

describe('keys', () => {
  it('act for the operator only if they were made for that', async () => {
    const create = (...args: readonly string[]) => darkroom(['keys', 'create', ...args, '--data-dir', server.dataDir]);
    const created = await Promise.all([
      create('--name', 'robot', '--requests-per-minute', '7'),
      create('--name', 'second', '--admin'),
    ]);
    const [robot = '', second = ''] = created.map(({ output }) => output.trim());
    const list = (await darkroom(['keys', 'list', '--data-dir', server.dataDir])).output;
    expect(list).toMatch(/robot +default +read submit manage +requests_per_minute=7 /);
    expect(list).toMatch(/second +default +read submit manage admin /);
    const [byRobot, bySecond] = await Promise.all([robot, second].map((key) => run('failed', '--api-key', key)));
    expect(byRobot).toMatchObject({ code: 1, errors: expect.stringContaining('admin') });
    expect(bySecond?.code).toBe(0);
  });
});

describe('the audit log', () => {
  const address = expect.stringMatching(/^(::ffff:)?127\.0\.0\.1$/);

  it('has what commands did, on the server and on the store, and with which settings it was started', async () => {
    await run('organizations', 'create', 'audited', '--name', 'Audited');
    await run('organizations', 'change', 'audited', '--name', 'Gallery');
    const made = await darkroom(['keys', 'create', '--name', 'audited key', '--data-dir', server.dataDir]);
    const id = made.output.split('_')[1] ?? '';
    const table = (await run('audit', '--target', 'audited')).output;
    expect(table).toMatch(/organization\.changed +audited +name: Audited → Gallery/);
    const [change, creation] = JSON.parse((await run('audit', '--target', 'audited', '--json')).output);
    expect(change).toMatchObject({ by: { kind: 'key', name: 'first', address }, before: { name: 'Audited' } });
    expect(creation).toMatchObject({ action: 'organization.created', organization_id: 'audited' });
    const [key] = JSON.parse((await run('audit', '--action', 'key.created', '--limit', '1', '--json')).output);
    expect(key).toMatchObject({ target: id, by: { kind: 'command', name: 'darkroom keys create' } });
    const lines = (await run('audit', '--jsonl')).output.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(5);
    const start = lines.map((line) => JSON.parse(line)).find(({ action }) => action === 'settings.changed');
    expect(start).toMatchObject({ by: { kind: 'service' }, target: 'all', before: null, after: { version } });
    expect(lines.join()).not.toContain(made.output.trim());
    expect((await run('audit', '--action', 'deleted')).code).not.toBe(0);
  });
});
