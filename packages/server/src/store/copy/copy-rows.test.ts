import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../../test/postgres/test-database.ts';
import type { Order } from '../../core/order.ts';
import { standInReasons } from '../../core/stand-ins.ts';
import { createLogger } from '../../platform/logger.ts';
import { claimBatched, toNewJob } from '../contract/batch-jobs.ts';
import {
  beginOne,
  claimDueDeliveries,
  claimOne,
  failureOutcome,
  leaseMs,
  picture,
  start,
  submitOne,
  successOutcome,
  toCallEnd,
  toClaimQuery,
  toNewEndpoint,
  toNewRequest,
  upstream,
} from '../contract/fixtures.ts';
import { toNewSession, toPersonRow } from '../contract/sessions.ts';
import { openPostgresCopier } from '../postgres/copy/copy-rows.ts';
import { toConnectionSettings } from '../postgres/database/connection-settings.ts';
import { openSqliteCopier } from '../sqlite/copy/copy-rows.ts';
import { openSqliteStore } from '../sqlite/open-sqlite-store.ts';
import type { Store } from '../store.ts';
import { copyRows } from './copy-rows.ts';
import { copiedTables, type RowCopier } from './row-copier.ts';

const logger = createLogger('silent');
const isServed = async () => false;

/** Leaves something in every column of every table. */
async function fill(store: Store): Promise<void> {
  await fillSettings(store);
  const webhook = { url: 'https://own.example/hook', events: ['request.queued'] } as const;
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const inline = [{ path: ['image'], name: 'inline.png', bytes: 9 }];
  const idempotency = { key: 'again', bodyHash: 'hash' };
  const given = { webhook, inline, idempotency, priority: 3, uses: ['used.png'], wire: 'gemini', traceparent };
  await store.requests.submit(toNewRequest(given));
  await store.requests.cancel('org-a', await submitOne(store.requests), start);
  const left = await submitOne(store.requests, { call: { hash: 'hash', isRetry: false } });
  await store.openCalls.leave(left, start + 3);
  await store.requests.cancel('org-a', left, start);
  await endRequests(store);
  await removeOne(store);
  await callBack(store);
  // Held, put off, and with news that no address has been told.
  await claimOne(store.requests, start + 5);
  const { lease } = await beginOne(store.requests);
  const retry = { kind: 'retry', availableAt: start + 9_000, code: 'upstream_overloaded' } as const;
  await store.requests.settle({ lease, ends: [], verdict: retry, now: start + 6 });
  await claimByStandIn(store);
  await submitOne(store.requests, {
    serviceTier: 'cheapest',
    tier: 'flex',
    movesUpAt: start + 9_000,
    reservedMicros: 500_000,
  });
  await fillJobs(store);
  await store.upstreams.hold({ upstream: upstream.name, model: 'upstream-model-1' }, start);
  const budget = { scope: 'organization', id: 'org-a', period: 'day', limitMicros: 1_000_000_000 } as const;
  const actor = { kind: 'key', id: 'key-9', name: 'Operator', address: '192.0.2.7' } as const;
  await store.budgets.set({ ...budget, scope: 'key', id: 'key-1' }, start);
  for (const limitMicros of [1_000_000, 2_000_000])
    await store.budgets.set({ ...budget, limitMicros }, start, { actor, at: start });
}

/** One that has gone, and one without its pictures. */
async function removeOne({ requests, removals }: Store): Promise<void> {
  const inline = [{ path: ['image'], name: 'gone.png', bytes: 9 }];
  const gone = await submitOne(requests, { inline, retainMs: 5_000 });
  await requests.cancel('org-a', gone, start);
  const times = { now: start, tombstoneMs: 9_000 };
  await removals.remove({ organizationId: 'org-a', id: gone, ...times });
  await requests.cancel('org-a', await submitOne(requests, { retainMs: 6_000, organizationId: 'org-c' }), start);
  const bare = await submitOne(requests, { organizationId: 'org-c' });
  await requests.cancel('org-c', bare, start);
  const query = {
    organizationId: 'org-c',
    status: 'cancelled',
    what: 'pictures',
    endedUntil: start,
    limit: 1,
  } as const;
  await removals.prune({ ...query, ...times });
}

/** A call of another model, since no upstream serves the request's own. */
async function claimByStandIn({ requests }: Store): Promise<void> {
  await submitOne(requests);
  const adapt = (order: Order) => ({ order, estimatedCostMicros: 1 });
  const fallbacks = new Map([['model-1', [{ model: 'model-2', when: standInReasons, adapt }]]]);
  const upstreams = [{ ...upstream, models: ['model-2'] }];
  const { claims } = await requests.claim(toClaimQuery({ upstreams, fallbacks, now: start + 7 }));
  expect(claims.map(({ standIn }) => standIn?.model)).toEqual(['model-2']);
}

/** A job that is held, and one that has ended. */
async function fillJobs({ requests, batchJobs }: Store): Promise<void> {
  const [one, two] = [await claimBatched(requests), await claimBatched(requests)];
  await batchJobs.begin(toNewJob([one], { id: 'ended', leaveAt: start + 9 }));
  const [job] = await batchJobs.take({ upstreams: [upstream.name], limit: 1, now: start + leaseMs, leaseMs });
  if (!job) throw new Error('There was no job to take.');
  const times = { sentAt: start + 1, cancelledAt: start + 2, endedAt: start + 3 };
  await batchJobs.keep({
    ...job,
    ...times,
    state: 'failed',
    upstreamName: 'batches/1',
    failure: failureOutcome.failure,
  });
  await batchJobs.begin(toNewJob([two], { id: 'held' }));
}

async function fillSettings({ keys, sessions, organizations, uploads, webhooks }: Store): Promise<void> {
  const organizationIds = ['org-a'];
  const key = { name: 'Gallery', secretHash: 'cd'.repeat(32), createdAt: start, organizationIds };
  await keys.create({
    ...key,
    id: 'key-1',
    scopes: ['read'],
    limits: { requests_per_minute: 60, stored_bytes: 9 },
    expiresAt: start + 5,
    lastUsedAt: start + 1,
    oldSecret: { hash: 'ef'.repeat(32), until: start + 5 },
    cancelWhenGone: true,
    modelIds: ['model-1'],
    revokedAt: undefined,
  });
  await keys.revoke('key-1', start + 1);
  await sessions.begin(toNewSession(), toPersonRow());
  const limits = { stored_bytes: 5 };
  await organizations.create({ id: 'org-z', name: 'Gone', limits, createdAt: start, suspendedAt: start + 1 });
  await keys.ensureSecret('upload', 'fresh');
  const room = { ofKey: 1_000, ofOrganization: 1_000 };
  const owner = { organizationId: 'org-a', apiKeyId: 'key-1', via: 'service', bytes: 50, endsAt: start + 5 } as const;
  for (const name of ['used.png', 'unused.png', 'ended.png']) await uploads.grant({ ...owner, name }, room);
  await uploads.take('unused.png', { bytes: 40, sha256: 'hash', endsAt: start + 9_000 });
  await uploads.claimEnded({ now: start + 5, limit: 1, leaseMs });
  await webhooks.rotateSecret('org-a', start + 7);
  await webhooks.createEndpoint(toNewEndpoint({ oldSecretUntil: start + 8 }), 5);
}

/** One with a picture and one that has failed. */
async function endRequests({ requests }: Store): Promise<void> {
  const made = await beginOne(requests);
  const answer = { parts: [{ kind: 'picture', picture }] } as const;
  const usage = { promptTokens: 4, imageTokens: 1_290, textTokens: 3, thoughtTokens: 2, totalTokens: 1_299 };
  const brought = toCallEnd({
    answer,
    usage,
    modelVersion: 'version',
    responseId: 'response',
    serviceTier: 'flex',
    isPossiblyBilled: true,
  });
  const succeed = { kind: 'succeed', outcome: successOutcome } as const;
  await requests.settle({ lease: made.lease, ends: [brought], verdict: succeed, now: start + 4 });
  const failed = await beginOne(requests);
  const { failure } = failureOutcome;
  const end = toCallEnd({ result: 'failed', failure });
  const fail = { kind: 'fail', outcome: failureOutcome } as const;
  await requests.settle({ lease: failed.lease, ends: [end], verdict: fail, now: start + 4 });
}

/** A try that has failed and pauses the endpoint, and one that has delivered. */
async function callBack({ webhooks }: Store): Promise<void> {
  const deliveries = await claimDueDeliveries(webhooks, { now: start + 5 });
  const tried = { at: start + 5, httpStatus: 503 };
  for (const delivery of deliveries) {
    if (delivery.endpointId === undefined) await webhooks.endTry(delivery, { kind: 'delivered', tried });
    else {
      const pause = { at: start + 5, reason: 'It kept failing.' };
      await webhooks.endTry(delivery, { kind: 'retry', tried, nextAt: start + 9_000, pause });
    }
  }
}

type Content = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

/** What each store computes by itself, or what is valid only in one store. */
const ownColumns = new Set(['requests.seq', 'payloads.seq', 'requests.failure_code']);

/** Every column of the database, read without the copier. */
function toContent(rows: Readonly<Record<string, readonly object[]>>): Content {
  const toCell = (value: unknown) => (typeof value === 'boolean' ? Number(value) : value);
  return Object.fromEntries(
    Object.entries(rows).map(([table, all]) => [
      table,
      all
        .map((row) => Object.entries(row).filter(([column]) => !ownColumns.has(`${table}.${column}`)))
        .map((cells) => Object.fromEntries(cells.map(([column, value]) => [column, toCell(value)] as const).sort()))
        .map((row) => ({ row, text: JSON.stringify(row) }))
        .sort((a, b) => (a.text < b.text ? -1 : 1))
        .map(({ row }) => row),
    ]),
  );
}

function readSqlite(file: string): Content {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const toSelect = (name: string) =>
      name === 'payloads'
        ? 'SELECT requests.id AS request_id, payloads.* FROM payloads JOIN requests USING (seq)'
        : `SELECT * FROM ${name}`;
    return toContent(Object.fromEntries(copiedTables.map(({ name }) => [name, db.prepare(toSelect(name)).all()])));
  } finally {
    db.close();
  }
}

async function readPostgres(url: string): Promise<Content> {
  const client = new pg.Client(toConnectionSettings(url).client);
  await client.connect();
  try {
    const tables: Record<string, readonly object[]> = {};
    for (const { name } of copiedTables) tables[name] = (await client.query<object>(`SELECT * FROM ${name}`)).rows;
    return toContent(tables);
  } finally {
    await client.end();
  }
}

async function copy(from: RowCopier, to: RowCopier): Promise<void> {
  try {
    await copyRows({ from, to, copyObjects: async () => undefined, onProgress: () => undefined });
  } finally {
    await from.close();
    await to.close();
  }
}

describe('a copy of a store in which every column of every table holds something', () => {
  let server: TestServer;
  let folder: string;
  let source: string;
  let url: string;
  beforeAll(async () => {
    server = await startTestServer();
    folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-copy-rows-'));
    source = path.join(folder, 'source.db');
    url = await server.createDatabase();
    const store = openSqliteStore({ file: source, logger });
    await fill(store);
    await store.close();
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  it('has something in every column', () => {
    const content = readSqlite(source);
    const isEmpty = (table: string, column: string) =>
      !content[table]?.some((row) => row[column] !== null && row[column] !== undefined);
    const empty = copiedTables.flatMap(({ name, columns }) =>
      Object.keys(columns).flatMap((column) => (isEmpty(name, column) ? [`${name}.${column}`] : [])),
    );
    expect(empty).toEqual([]);
  });

  it('is the same in PostgreSQL, column by column, and in SQLite again', async () => {
    const content = readSqlite(source);
    await copy(openSqliteCopier({ file: source, isServed }), await openPostgresCopier({ url, logger }));
    expect(await readPostgres(url)).toEqual(content);
    const back = path.join(folder, 'back.db');
    await copy(await openPostgresCopier({ url, logger }), openSqliteCopier({ file: back, isServed }));
    expect(readSqlite(back)).toEqual(content);
  });
});
