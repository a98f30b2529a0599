import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/fakes/manual-clock.ts';
import { openNewStore } from '../../test/store/migrated-file.ts';
import type { RequestEvent } from '../core/request-events.ts';
import { createLogger } from '../platform/logger.ts';
import { claimOne, start, submitOne, toCallEnd } from '../store/contract/fixtures.ts';
import type { Store } from '../store/store.ts';
import { createEventHub, type EventHub } from './event-hub.ts';
import { EventReader, ReaderTooSlowError } from './event-reader.ts';
import { hintWrites } from './hint-writes.ts';
import { createLocalNotifier } from './notifier.ts';

let folder: string;
let store: Store;
let clock: ManualClock;
let hub: EventHub;
let reads: number;
let finds: number;

/** With hints, or with every hint lost. */
async function open({ hasHints }: { readonly hasHints: boolean }): Promise<void> {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-hub-'));
  const opened = openNewStore(path.join(folder, 'darkroom.db'));
  const notifier = createLocalNotifier();
  store = hasHints ? { ...opened, ...hintWrites(opened, notifier) } : opened;
  clock = new ManualClock(start);
  reads = 0;
  const readAfter: typeof opened.events.readAfter = (...given) => {
    reads += 1;
    return opened.events.readAfter(...given);
  };
  const events = { ...opened.events, readAfter };
  finds = 0;
  const find: typeof opened.requests.find = (...given) => {
    finds += 1;
    return store.requests.find(...given);
  };
  hub = createEventHub({ events, requests: { find }, notifier, clock, logger: createLogger('silent') });
  await hub.start();
}

beforeEach(() => open({ hasHints: true }));
afterEach(async () => {
  await hub.stop();
  await store.close();
  await rm(folder, { recursive: true });
});

const never = new AbortController().signal;
const wait = (id: string, { timeoutMs = 60_000, signal = never, organizationId = 'org-a' } = {}) =>
  hub.waitForEnd(organizationId, id, { timeoutMs, signal });

async function finish(): Promise<void> {
  const { lease } = await claimOne(store.requests, clock.now());
  await store.requests.beginCalls(lease, { imageIndexes: [0], now: clock.now() });
  const failure = { code: 'prompt_blocked', message: 'The upstream blocked the prompt.' } as const;
  const ends = [toCallEnd({ result: 'failed', failure })];
  await store.requests.settle({
    lease,
    ends,
    verdict: { kind: 'fail', outcome: { kind: 'failure', failure } },
    now: clock.now(),
  });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn();
}

async function collect(events: AsyncIterable<RequestEvent>, count = Number.POSITIVE_INFINITY): Promise<RequestEvent[]> {
  const collected: RequestEvent[] = [];
  for await (const event of events) if (collected.push(event) === count) break;
  return collected;
}

/** All events of the request until its end. */
function follow(requestId: string): Promise<RequestEvent[]> {
  const { promise, resolve, reject } = Promise.withResolvers<RequestEvent[]>();
  const told: RequestEvent[] = [];
  hub.follow(
    { organizationId: 'org-a', requestId, after: 0 },
    {
      tell: (event) => told.push(event),
      end: (last) => resolve(last ? [...told, last] : told),
      stop: () => resolve(told),
      fail: reject,
    },
  );
  return promise;
}

describe('waiting for the end of a request', () => {
  it('resolves to the request as soon as it has ended', async () => {
    const id = await submitOne(store.requests);
    const waiting = wait(id);
    await finish();
    expect(await waiting).toMatchObject({ id, status: 'failed' });
    expect(await wait(id)).toMatchObject({ id, status: 'failed' });
  });

  it('resolves to the request as it is when the time is up, the caller has gone, or the hub stops', async () => {
    const id = await submitOne(store.requests);
    const gone = new AbortController();
    const before = clock.sleeping;
    const timed = wait(id, { timeoutMs: 5_000 });
    const left = wait(id, { signal: gone.signal });
    const stopped = wait(id);
    await until(() => clock.sleeping >= before + 3);
    clock.advance(5_000);
    expect(await timed).toMatchObject({ status: 'queued' });
    gone.abort();
    expect(await left).toMatchObject({ status: 'queued' });
    await hub.stop();
    expect(await stopped).toMatchObject({ status: 'queued' });
    expect(await wait(id)).toMatchObject({ status: 'queued' });
    expect(clock.sleeping).toBe(0);
  });

  it('does not see the requests of other organizations', async () => {
    const id = await submitOne(store.requests);
    expect(await wait(id, { organizationId: 'org-b' })).toBeUndefined();
  });

  it('is over for a crowd after one read of the request', async () => {
    const id = await submitOne(store.requests);
    const waits = Array.from({ length: 500 }, () => wait(id));
    const streams = Array.from({ length: 500 }, () => follow(id));
    await until(() => clock.sleeping >= waits.length + 1);
    finds = 0;
    await finish();
    expect(new Set((await Promise.all(waits)).map((request) => request?.status))).toEqual(new Set(['failed']));
    expect(new Set((await Promise.all(streams)).map((events) => events.at(-1)?.moment.kind))).toEqual(
      new Set(['failed']),
    );
    expect(finds).toBe(1);
  });

  it('polls the store once a second, however many wait', async () => {
    const ids = [await submitOne(store.requests), await submitOne(store.requests)];
    await until(() => clock.sleeping === 1);
    const before = { reads, sleeping: clock.sleeping };
    const waits = Array.from({ length: 2_000 }, (_, index) => wait(ids[index % 2] ?? ''));
    await until(() => clock.sleeping === before.sleeping + waits.length);
    for (let second = 0; second < 5; second += 1) {
      clock.advance(1_000);
      await until(() => clock.sleeping === before.sleeping + waits.length);
    }
    expect(reads - before.reads).toBeLessThanOrEqual(6);
    await hub.stop();
    await Promise.all(waits);
  });

  it('promise 7: losing every hint costs up to a second and nothing else', async () => {
    await hub.stop();
    await store.close();
    await rm(folder, { recursive: true });
    await open({ hasHints: false });
    const id = await submitOne(store.requests);
    const before = clock.sleeping;
    const waiting = wait(id);
    const followed = follow(id);
    await until(() => clock.sleeping > before);
    await finish();
    clock.advance(1_000);
    expect(await waiting).toMatchObject({ status: 'failed' });
    expect((await followed).map(({ moment }) => moment.kind)).toEqual([
      'queued',
      'claimed',
      'sent',
      'answered',
      'failed',
    ]);
  });
});

describe('a stream', () => {
  it('of an organization gives past and coming events, in order, once, and none of other organizations', async () => {
    const ids = [await submitOne(store.requests)];
    const following = collect(hub.followOrganization({ organizationId: 'org-a', after: 0 }, never), 40);
    for (let index = 1; index < 40; index += 1) {
      await submitOne(store.requests, { organizationId: 'org-b' });
      ids.push(await submitOne(store.requests));
    }
    const events = await following;
    expect(events.map(({ requestId }) => requestId)).toEqual(ids);
    expect(events.map(({ seq }) => seq)).toEqual(events.map(({ seq }) => seq).toSorted((a, b) => a - b));
  });

  it('of a request continues past an earlier requeue, and stops at the final end', async () => {
    const id = await submitOne(store.requests);
    await finish();
    await store.requests.requeue([id], clock.now());
    const following = follow(id);
    await store.requests.cancel('org-a', id, clock.now());
    const kinds = (await following).map(({ moment }) => moment.kind);
    expect(kinds).toEqual(['queued', 'claimed', 'sent', 'answered', 'failed', 'queued', 'cancelled']);
  });

  it('ends for a reader that leaves too much unread; the reader can continue where it was', async () => {
    const reader = new EventReader();
    const event = { requestId: 'a', organizationId: 'org-a', at: 0, moment: { kind: 'queued' } } as const;
    for (let seq = 1; seq <= 1_000; seq += 1) reader.tell({ ...event, seq });
    expect(await reader.take()).toHaveLength(1_000);
    for (let seq = 1; seq <= 1_001; seq += 1) reader.tell({ ...event, seq });
    await expect(reader.take()).rejects.toThrow(ReaderTooSlowError);
  });
});
