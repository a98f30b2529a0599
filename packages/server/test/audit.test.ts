import diagnosticsChannel from 'node:diagnostics_channel';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type AuditAction, auditEntrySchema, auditListSchema } from '@darkroom/protocol';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { adminPrefix } from '../src/admin/admin-prefix.ts';
import { housePrefix, signInKeyPath, signInPath } from '../src/http/prefixes.ts';
import { makeApiKey } from '../src/keys/api-keys.ts';
import { requestsUrl, useApp } from './app-harness.ts';
import { beginSession } from './begin-session.ts';

/** Calls that change something and that the audit log notes, with what it notes of the call below. */
const noted: Readonly<Record<string, AuditAction>> = {
  [`POST ${adminPrefix}/keys`]: 'key.created',
  [`PATCH ${adminPrefix}/keys/:id`]: 'key.changed',
  [`POST ${adminPrefix}/keys/:id/rotate`]: 'key.rotated',
  [`DELETE ${adminPrefix}/keys/:id`]: 'key.revoked',
  [`POST ${adminPrefix}/organizations`]: 'organization.created',
  [`PATCH ${adminPrefix}/organizations/:id`]: 'organization.changed',
  [`POST ${adminPrefix}/organizations/:id/suspend`]: 'organization.suspended',
  [`POST ${adminPrefix}/organizations/:id/resume`]: 'organization.resumed',
  [`DELETE ${adminPrefix}/organizations/:id`]: 'organization.removed',
  [`DELETE ${adminPrefix}/organizations/:id/content`]: 'content.deleted',
  [`PUT ${adminPrefix}/budgets`]: 'budget.set',
  [`DELETE ${adminPrefix}/budgets/:scope/:id/:period`]: 'budget.removed',
  [`POST ${adminPrefix}/upstreams/:name/pause`]: 'upstream.paused',
  [`POST ${adminPrefix}/upstreams/:name/resume`]: 'upstream.resumed',
  [`POST ${adminPrefix}/models/:name/pause`]: 'model.paused',
  [`POST ${adminPrefix}/models/:name/resume`]: 'model.resumed',
  [`POST ${adminPrefix}/requeue`]: 'request.requeued',
  [`DELETE ${requestsUrl}/:id`]: 'request.deleted',
  [`DELETE ${requestsUrl}/:id/content`]: 'request.deleted',
  [`DELETE ${housePrefix}/uploads/:name`]: 'upload.deleted',
  [`POST ${housePrefix}/webhooks/endpoints`]: 'webhook_endpoint.created',
  [`PATCH ${housePrefix}/webhooks/endpoints/:id`]: 'webhook_endpoint.changed',
  [`POST ${housePrefix}/webhooks/endpoints/:id/rotate-secret`]: 'webhook_endpoint.secret_rotated',
  [`DELETE ${housePrefix}/webhooks/endpoints/:id`]: 'webhook_endpoint.removed',
  [`POST ${housePrefix}/webhooks/secret/rotate`]: 'webhook_secret.rotated',
  [`POST ${signInPath}`]: 'console.signed_in',
  [`POST ${signInKeyPath}`]: 'console.signed_in',
  [`DELETE ${signInPath}`]: 'console.signed_out',
  [`DELETE ${adminPrefix}/sessions/:id`]: 'session.revoked',
};

/** Calls that are no change by an operator: the requests themselves, which have a log of their own, and what comes of them. */
const unnoted: readonly string[] = [
  `POST ${requestsUrl}`,
  `POST ${requestsUrl}/:id/cancel`,
  `POST ${housePrefix}/upload-url`,
  'PUT /uploads/:name',
  `POST ${housePrefix}/webhooks/endpoints/:id/test`,
  `POST ${housePrefix}/webhooks/deliveries/:id/resend`,
];

/**
 * The files of the command line that reach a store without a server, with what they note. Every other command calls a server, which
 * notes the call.
 */
const commandFiles: Readonly<Record<string, readonly AuditAction[]>> = {
  'keys.ts': ['key.created', 'key.changed', 'key.rotated', 'key.revoked'],
  'migrate.ts': ['store.migrated'],
  'copy.ts': ['store.copied'],
  'backup.ts': ['store.backed_up'],
  'restore.ts': ['store.restored'],
  // Adds what others note.
  'note-command.ts': [],
  // It only reads.
  'doctor.ts': [],
  // The server notes with which settings it starts.
  'serve.ts': [],
  'private-server.ts': [],
};

const routes = new Set<string>();

/** Sees each route of each app that is made from now on. */
function watchRoutes(message: unknown): void {
  const { fastify } = message as { readonly fastify: FastifyInstance }; // what Fastify publishes
  fastify.addHook('onRoute', ({ method, url }: RouteOptions) => {
    for (const one of [method].flat()) routes.add(`${one} ${url}`);
  });
}

beforeAll(() => diagnosticsChannel.subscribe('fastify.initialization', watchRoutes));
afterAll(() => void diagnosticsChannel.unsubscribe('fastify.initialization', watchRoutes));

const app = useApp();

async function list(query = '') {
  return auditListSchema.parse((await app.current.admin('GET', `/audit${query}`)).json());
}

const address = '203.0.113.9';
const proxied = { 'x-forwarded-for': address };

/** A call of the operator through a proxy, which names the caller. */
async function call(route: string, params: Readonly<Record<string, string>> = {}, payload?: object, as?: string) {
  const [method = '', path = ''] = route.split(' ');
  const url = path.replaceAll(/:(\w+)/g, (_, name: string) => params[name] ?? '');
  const request = { method: method as 'POST', url, headers: proxied, ...(payload && { payload }) };
  const reply = await app.current.call(request, as ?? app.current.adminKey);
  expect(`${route} ${reply.statusCode} ${reply.statusCode < 300 ? '' : reply.body}`).toMatch(/ 2\d\d $/);
  return reply.body === '' ? {} : reply.json();
}

describe('every call that changes something', () => {
  it('is noted, or is one of those that have a log of their own', () => {
    const changing = [...routes].filter((route) => !/^(GET|HEAD|OPTIONS) /.test(route));
    expect(changing.sort()).toEqual([...Object.keys(noted), ...unnoted].sort());
  });

  it('is in the log with who, from where, what and to what, and without any secret', async () => {
    const done = new Map<string, string>();
    const secrets: string[] = [];
    const change = async (route: string, target: string, params = {}, payload?: object, as?: string) => {
      const answer = await call(route, params, payload, as);
      done.set(route, target);
      return answer;
    };
    const { clock, store, signIn } = app.current;
    // Keys.
    const key = await change(`POST ${adminPrefix}/keys`, '', {}, { name: 'Gallery', organization_ids: ['org-a'] });
    done.set(`POST ${adminPrefix}/keys`, key.id);
    await change(`PATCH ${adminPrefix}/keys/:id`, key.id, { id: key.id }, { name: 'Robot' });
    const rotated = await change(`POST ${adminPrefix}/keys/:id/rotate`, key.id, { id: key.id }, {});
    secrets.push(key.api_key, rotated.api_key);
    // Requests and uploads, with a key of the organization.
    const as = rotated.api_key;
    const submit = async () => {
      const payload = { prompt: 'a' };
      const { request_id: id } = (await app.current.submit(payload, { as })).json();
      await store.requests.cancel('org-a', id, clock.now());
      return id;
    };
    const [first, second, third] = [await submit(), await submit(), await submit()];
    await change(`POST ${adminPrefix}/requeue`, first, {}, { request_ids: [first] });
    await change(`DELETE ${requestsUrl}/:id`, second, { id: second }, undefined, as);
    await change(`DELETE ${requestsUrl}/:id/content`, third, { id: third }, undefined, as);
    const { public_url } = await call(`POST ${housePrefix}/upload-url`, {}, { file_type: 'png' }, as);
    const name = String(public_url).split('/').at(-1) ?? '';
    await change(`DELETE ${housePrefix}/uploads/:name`, name, { name }, undefined, as);
    // Webhooks.
    const url = 'https://hooks.example/T0/secret-path';
    const endpoint = await change(`POST ${housePrefix}/webhooks/endpoints`, '', {}, { url }, as);
    const id = endpoint.id;
    done.set(`POST ${housePrefix}/webhooks/endpoints`, id);
    await change(`PATCH ${housePrefix}/webhooks/endpoints/:id`, id, { id }, { paused: true }, as);
    const again = await change(`POST ${housePrefix}/webhooks/endpoints/:id/rotate-secret`, id, { id }, undefined, as);
    await change(`DELETE ${housePrefix}/webhooks/endpoints/:id`, id, { id }, undefined, as);
    const own = await change(`POST ${housePrefix}/webhooks/secret/rotate`, 'org-a', {}, undefined, as);
    secrets.push(endpoint.secret, again.secret, own.secret, 'secret-path');
    // Money and upstreams.
    const budget = { scope: 'key', id: key.id, period: 'day' };
    const limit = { ...budget, limit_usd: 2 };
    await change(`PUT ${adminPrefix}/budgets`, `key/${key.id}/day`, {}, limit);
    await change(`DELETE ${adminPrefix}/budgets/:scope/:id/:period`, `key/${key.id}/day`, budget);
    for (const move of ['pause', 'resume']) {
      await change(`POST ${adminPrefix}/upstreams/:name/${move}`, 'main', { name: 'main' });
      const name = 'gemini-3-pro-image-preview';
      await change(`POST ${adminPrefix}/models/:name/${move}`, 'gemini-3-pro-image', { name });
    }
    // Organizations, and the end of the key.
    await change(`POST ${adminPrefix}/organizations`, 'org-b', {}, { id: 'org-b' });
    await change(`PATCH ${adminPrefix}/organizations/:id`, 'org-b', { id: 'org-b' }, { name: 'Robots' });
    await change(`POST ${adminPrefix}/organizations/:id/suspend`, 'org-b', { id: 'org-b' });
    await change(`POST ${adminPrefix}/organizations/:id/resume`, 'org-b', { id: 'org-b' });
    await change(`DELETE ${adminPrefix}/organizations/:id`, 'org-b', { id: 'org-b' });
    await change(`DELETE ${adminPrefix}/organizations/:id/content`, 'org-a', { id: 'org-a' });
    await change(`DELETE ${adminPrefix}/keys/:id`, key.id, { id: key.id });
    const code = signIn.issue();
    const { api_key: consoleKey } = await call(`POST ${signInPath}`, {}, { code });
    done.set(`POST ${signInPath}`, String(consoleKey).split('_')[1] ?? '');
    const { adminKey } = app.current;
    await change(`POST ${signInKeyPath}`, adminKey.split('_')[1] ?? '', {}, undefined, adminKey);
    // People, who have two halves of a session.
    const [leaving, ended] = [await beginSession(app.current.sessions), await beginSession(app.current.sessions)];
    await app.current.call(
      { method: 'DELETE', url: signInPath, headers: { ...leaving.headers, ...proxied } },
      leaving.token,
    );
    done.set(`DELETE ${signInPath}`, leaving.apiKeyId);
    await change(`DELETE ${adminPrefix}/sessions/:id`, ended.id, { id: ended.id });
    for (const { token, cookie } of [leaving, ended]) secrets.push(token, cookie);
    secrets.push(code, consoleKey, app.current.adminKey, app.current.key);

    expect([...done.keys()].sort()).toEqual(Object.keys(noted).sort());
    const { entries } = await list('?limit=100');
    const notes = entries.map(({ action, target }) => `${action} ${target}`);
    for (const [route, target] of done) expect(notes).toContain(`${noted[route]} ${target}`);
    const ids = new Map([
      ['operator', app.current.adminKey.split('_')[1]],
      ['Gallery', key.id],
      ['Robot', key.id],
      ['The bearer of a sign-in link', 'sign-in link'],
      ['pia@acme.example', 'pia'],
    ]);
    for (const { by, at } of entries) {
      expect(ids.get(by.name)).toBe(by.id);
      expect([by.address, at]).toEqual([address, clock.now() / 1_000]);
    }
    const text = JSON.stringify(entries);
    for (const secret of secrets) expect(text).not.toContain(secret);
    // Neither is anything that a secret is derived from, or checked with.
    for (const { secretHash } of await store.keys.list()) expect(text).not.toContain(secretHash);
  });

  it('is refused or changes nothing: then nothing is noted', async () => {
    await app.current.admin('PATCH', '/keys/none', { name: 'None' });
    await app.current.admin('POST', '/keys', { name: '' });
    await app.current.admin('POST', '/requeue', { all: true });
    await app.current.admin('DELETE', '/budgets/key/none/day');
    expect((await list()).entries).toEqual([]);
  });
});

describe('the address of a caller', () => {
  it('is what the proxy says only of proxies that are trusted', async () => {
    const { app: server, adminKey } = app.current;
    for (const [remoteAddress, forwarded, expected] of [
      ['127.0.0.1', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
      ['192.0.2.4', '203.0.113.9', '192.0.2.4'],
    ] as const) {
      const headers = { authorization: `Bearer ${adminKey}`, 'x-forwarded-for': forwarded };
      await server.inject({ method: 'POST', url: `${adminPrefix}/upstreams/main/pause`, headers, remoteAddress });
      expect((await list('?limit=1')).entries[0]?.by.address).toBe(expected);
    }
  });
});

describe('the log over HTTP', () => {
  beforeEach(async () => {
    for (const index of [1, 2, 3, 4, 5]) {
      const { row } = makeApiKey({ name: `Key ${index}`, organizationIds: [`org-${index % 2}`], now: 0 });
      const actor = { kind: 'person', id: `subject-${index % 2}`, name: 'Ada', address: undefined } as const;
      await app.current.store.keys.create({ ...row, id: `key-${index}` }, { actor, at: index * 1_000 });
    }
  });
  const targetsOf = async (query: string) => (await list(query)).entries.map(({ target }) => Number(target.at(-1)));

  it('is for admin keys', async () => {
    for (const path of ['/audit', '/audit.jsonl']) {
      const reply = await app.current.call({ method: 'GET', url: `${adminPrefix}${path}` });
      expect(reply.json()).toMatchObject({ code: 'admin_required' });
    }
  });

  it('has filters and pages, newest first', async () => {
    expect(await targetsOf('')).toEqual([5, 4, 3, 2, 1]);
    expect(await targetsOf('?by=subject-1')).toEqual([5, 3, 1]);
    expect(await targetsOf('?action=key.revoked')).toEqual([]);
    expect(await targetsOf('?target=key-2&action=key.created')).toEqual([2]);
    expect(await targetsOf('?organization_id=org-0')).toEqual([4, 2]);
    expect(await targetsOf('?from=2&before=4')).toEqual([3, 2]);
    const first = await list('?limit=2');
    expect(first).toMatchObject({ has_more: true, entries: [{ target: 'key-5' }, { target: 'key-4' }] });
    expect(await targetsOf(`?limit=2&cursor=${first.next_cursor}`)).toEqual([3, 2]);
    expect((await list('?limit=5')).has_more).toBe(false);
  });

  it('says what is wrong with a query', async () => {
    for (const [query, words] of [
      ['?action=deleted', /action must be one of key.created/],
      ['?cursor=x', /cursor must be the next_cursor/],
      ['?from=yesterday', /from must be a whole number/],
    ] as const) {
      const reply = await app.current.admin('GET', `/audit${query}`);
      expect([reply.statusCode, reply.json().error]).toEqual([400, expect.stringMatching(words)]);
    }
  });

  it('is exported as JSON lines', async () => {
    const actor = { kind: 'service', id: 'darkroom', name: 'Darkroom', address: undefined } as const;
    const deeds = Array.from({ length: 250 }, (_, index) => ({ action: 'store.copied', target: `${index}` }) as const);
    await app.current.store.audit.record({ actor, at: 9_000 }, ...deeds);
    const reply = await app.current.admin('GET', '/audit.jsonl');
    expect(reply.headers['content-type']).toBe('application/jsonl; charset=utf-8');
    const lines = reply.body.trimEnd().split('\n');
    const entries = lines.map((line) => auditEntrySchema.parse(JSON.parse(line)));
    expect(entries).toHaveLength(255);
    expect(entries[0]?.target).toBe('249');
    const some = await app.current.admin('GET', '/audit.jsonl?by=subject-1&before=5');
    expect(some.body.trimEnd().split('\n')).toHaveLength(2);
    expect((await app.current.admin('GET', '/audit.jsonl?by=nobody')).body).toBe('');
  });
});

describe('a refused sign-in', () => {
  it('is noted, but not so often that it could fill the log', async () => {
    const attempt = () =>
      app.current.app.inject({
        method: 'POST',
        url: signInPath,
        payload: { code: 'wrong' },
        remoteAddress: '192.0.2.5',
      });
    for (let tries = 0; tries < 30; tries += 1) expect((await attempt()).statusCode).toBe(401);
    const { entries } = await list('?action=console.sign_in_refused&limit=100');
    expect(entries).toHaveLength(20);
    expect(entries[0]).toMatchObject({ by: { kind: 'unknown', address: '192.0.2.5' }, after: { reason: /used/ } });
    expect(JSON.stringify(entries)).not.toContain('"wrong"');
    app.current.clock.advance(3_600_000);
    await attempt();
    const [last] = (await list('?limit=1')).entries;
    expect(last?.after).toMatchObject({ not_noted_before: 10 });
  });
});

describe('every command that reaches a store itself', () => {
  it('is known, and notes what it changes', () => {
    const folder = path.resolve(import.meta.dirname, '../src/cli');
    const reaching = readdirSync(folder).filter((file) =>
      /openStore|migrateStore|copyAll|composeChecks|composeServer|\.backUp\(|\.restore\(/.test(
        readFileSync(path.join(folder, file), 'utf8'),
      ),
    );
    expect(reaching.sort()).toEqual(Object.keys(commandFiles).sort());
    // `cli-operator.test.ts`, `copy.test.ts` and `backup.test.ts` see the entries; the words of each command are in its file.
    const words: Partial<Record<AuditAction, string>> = {
      'key.created': "byCommand('keys create')",
      'key.changed': "byCommand('keys change')",
      'key.rotated': "byCommand('keys rotate')",
      'key.revoked': "byCommand('keys revoke')",
      'store.migrated': "'store.migrated'",
      'store.copied': "'store.copied'",
      'store.backed_up': "'store.backed_up'",
      'store.restored': "'store.restored'",
    };
    for (const [file, actions] of Object.entries(commandFiles))
      for (const action of actions) expect(readFileSync(path.join(folder, file), 'utf8')).toContain(words[action]);
  });
});
