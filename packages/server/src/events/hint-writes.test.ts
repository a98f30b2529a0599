import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openNewStore } from '../../test/store/migrated-file.ts';
import { every } from '../core/upstreams.ts';
import {
  beginOne,
  claimOne,
  leaseMs,
  start,
  submitOne,
  successOutcome,
  toCallEnd,
  toNewEndpoint,
  toNewRequest,
} from '../store/contract/fixtures.ts';
import type { openSqliteStore } from '../store/sqlite/open-sqlite-store.ts';
import { hintWrites } from './hint-writes.ts';

let folder: string;
let opened: ReturnType<typeof openSqliteStore>;
let hints: string[];
let stores: ReturnType<typeof hintWrites>;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-hints-'));
  opened = openNewStore(path.join(folder, 'darkroom.db'));
  hints = [];
  stores = hintWrites(opened, {
    hintQueued: () => void hints.push('queued'),
    hintChanged: () => void hints.push('changed'),
  });
});
afterEach(async () => {
  await opened.close();
  await rm(folder, { recursive: true });
});

/** What the write hints. */
async function hintsOf(write: () => Promise<unknown>): Promise<readonly string[]> {
  hints = [];
  await write();
  return hints.toSorted();
}

const both = ['changed', 'queued'];

describe('a write to the stores', () => {
  it('hints that there is something to claim when it has queued a request, and nothing when it has not', async () => {
    const idempotency = { key: 'a', bodyHash: 'b' };
    expect(await hintsOf(() => stores.requests.submit(toNewRequest({ idempotency })))).toEqual(both);
    expect(await hintsOf(() => stores.requests.submit(toNewRequest({ idempotency })))).toEqual([]);
    const id = await submitOne(stores.requests);
    expect(await hintsOf(() => stores.requests.cancel('org-a', id, start))).toEqual(['changed']);
    expect(await hintsOf(() => stores.requests.cancelLeft(id, start))).toEqual([]);
    expect(await hintsOf(() => stores.requests.requeue([id], start))).toEqual(both);
    expect(await hintsOf(() => stores.requests.requeue([id], start))).toEqual([]);
  });

  it('hints that a request can be claimed when its attempt gives it back, and not when the attempt has ended it', async () => {
    const { lease } = await beginOne(opened.requests);
    const ends = [toCallEnd({ result: 'interrupted', costMicros: 0 })];
    const settlement = { lease, ends, verdict: { kind: 'interrupt' }, now: start } as const;
    expect(await hintsOf(() => stores.requests.settle(settlement))).toEqual(both);
    const again = await claimOne(opened.requests);
    await opened.requests.beginCalls(again.lease, { imageIndexes: [0], now: start });
    const success = {
      lease: again.lease,
      ends: [toCallEnd()],
      verdict: { kind: 'succeed', outcome: successOutcome },
      now: start,
    } as const;
    expect(await hintsOf(() => stores.requests.settle(success))).toEqual(['changed']);
  });

  it('hints that a request can be claimed when it was rescued', async () => {
    await submitOne(opened.requests);
    await claimOne(opened.requests);
    const query = { now: start + leaseMs, limit: 10, decide: () => ({ kind: 'interrupt' }) as const };
    expect(await hintsOf(() => stores.requests.rescue(query))).toEqual(both);
    expect(await hintsOf(() => stores.requests.rescue(query))).toEqual([]);
  });

  it('hints when an upstream is released, or a webhook endpoint may be due', async () => {
    expect(await hintsOf(() => stores.upstreams.release({ upstream: 'main', model: every }))).toEqual(['queued']);
    await opened.webhooks.createEndpoint(toNewEndpoint(), 1);
    const resume = () => stores.webhooks.updateEndpoint('org-a', 'endpoint-1', { pausedAt: undefined });
    expect(await hintsOf(resume)).toEqual(['changed']);
    expect(await hintsOf(() => stores.webhooks.resend('org-a', 'none', start))).toEqual([]);
  });
});
