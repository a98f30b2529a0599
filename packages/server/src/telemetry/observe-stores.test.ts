import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openNewStore } from '../../test/store/migrated-file.ts';
import { claimBatched, toNewJob } from '../store/contract/batch-jobs.ts';
import {
  beginOne,
  claimOne,
  failureOutcome,
  leaseMs,
  start,
  submitOne,
  successOutcome,
  toCallEnd,
} from '../store/contract/fixtures.ts';
import type { Store } from '../store/store.ts';
import { observeStores } from './observe-stores.ts';
import {
  combineObservers,
  type EndedRequest,
  type ObservedAttempt,
  type ObservedCall,
  type Observer,
} from './observer.ts';

const fail = { kind: 'fail', outcome: failureOutcome } as const;
const succeed = { kind: 'succeed', outcome: successOutcome } as const;

describe('the observer of the stores', () => {
  let folder: string;
  let opened: Store;
  let store: Store['requests'];
  let ended: EndedRequest[];
  let calls: ObservedCall[];
  let attempts: ObservedAttempt[];
  let errors: unknown[];
  let observer: Observer;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'darkroom-observer-'));
    opened = openNewStore(join(folder, 'darkroom.db'));
    [ended, calls, attempts, errors] = [[], [], [], []];
    const broken = {
      submitted: () => {
        throw new Error('An observer is broken.');
      },
    };
    const listening = {
      requestEnded: (one: EndedRequest) => void ended.push(one),
      callEnded: (one: ObservedCall) => void calls.push(one),
      attemptEnded: (one: ObservedAttempt) => void attempts.push(one),
    };
    observer = combineObservers([broken, listening], (error) => void errors.push(error));
    store = observeStores(opened, { observer, traceSubmit: (request) => request }).requests;
  });
  afterEach(async () => {
    await opened.close();
    await rm(folder, { recursive: true });
  });

  const ends = () => ended.map(({ request, status }) => [request.id, status]);

  it('hears of each call once, although its end is written twice, and of the end with what all calls have cost', async () => {
    const { request, lease } = await beginOne(store, [0]);
    const end = toCallEnd({ costMicros: 7, endedAt: start + 9 });
    await store.endCalls(lease, [end]);
    await store.settle({ lease, ends: [end], verdict: succeed, now: start + 10 });
    expect(calls.map(({ end: { imageIndex }, sentAt }) => [imageIndex, sentAt])).toEqual([[0, start]]);
    expect(ends()).toEqual([[request.id, 'success']]);
    expect(ended).toMatchObject([{ costMicros: 7, startedAt: start, endedAt: start + 10 }]);
  });

  it('hears of no end when a request is to be tried again, nor when a verdict does not count', async () => {
    const first = await beginOne(store);
    const retry = { kind: 'retry', availableAt: start + 1, code: 'upstream_overloaded' } as const;
    await store.settle({ lease: first.lease, ends: [], verdict: retry, now: start });
    expect(ends()).toEqual([]);
    const second = await claimOne(store, start + 5);
    await store.cancel('org-a', second.request.id, start + 6);
    expect(await store.settle({ lease: second.lease, ends: [], verdict: fail, now: start + 7 })).toBe(false);
    expect(ends()).toEqual([[second.request.id, 'cancelled']]);
  });

  it('hears once of a cancel, however often it is asked for', async () => {
    const id = await submitOne(store);
    for (const now of [start + 1, start + 1, start + 2]) await store.cancel('org-a', id, now);
    expect(ends()).toEqual([[id, 'cancelled']]);
  });

  it('hears of requests whose clients have left, whose deadline is over, and whose holder is gone', async () => {
    const left = await submitOne(store, { call: { hash: 'hash', isRetry: false } });
    await opened.openCalls.leave(left, start);
    await store.cancelLeft(left, start);
    const late = await submitOne(store, { deadlineAt: start + 10 });
    await store.expire({ now: start + 10, limit: 5, decide: () => fail });
    const lost = await submitOne(store);
    await claimOne(store, start);
    await store.rescue({ now: start + leaseMs, limit: 5, decide: () => fail });
    expect(ends()).toEqual([
      [left, 'cancelled'],
      [late, 'failed'],
      [lost, 'failed'],
    ]);
  });

  it('hears of the calls of a batch job as of all others, whichever process writes their ends', async () => {
    const observe = () => observeStores(opened, { observer, traceSubmit: (request) => request });
    const [maker, keeper, next] = [observe(), observe(), observe()];
    const claim = await claimBatched(maker.requests, 2);
    const { lease, request } = claim;
    await maker.batchJobs.begin(toNewJob([claim], { createdAt: start + 1 }));
    const [first, second] = [0, 1].map((imageIndex) => toCallEnd({ imageIndex, costMicros: 7 }));
    if (!first || !second) throw new Error('There are two ends.');
    await keeper.batchJobs.findClaim(request.id);
    await keeper.requests.endCalls(lease, [first]);
    await next.batchJobs.findClaim(request.id);
    await next.requests.settle({ lease, ends: [first, second], verdict: succeed, now: start + 10 });
    expect(calls.map(({ end: { imageIndex }, sentAt, batchJob }) => [imageIndex, sentAt, batchJob])).toEqual([
      [0, start + 1, 'job-1'],
      [1, start + 1, 'job-1'],
    ]);
    expect(calls.map((call) => [call.claim.upstream, call.claim.tier])).toEqual([
      ['upstream-1', 'batch'],
      ['upstream-1', 'batch'],
    ]);
    expect(attempts).toMatchObject([{ claimedAt: start, endedAt: start + 10, verdict: { kind: 'succeed' } }]);
    expect(ended).toMatchObject([{ status: 'success', costMicros: 14, startedAt: start, endedAt: start + 10 }]);
  });

  it('cannot break a write', async () => {
    await submitOne(store);
    expect(errors).toEqual([new Error('An observer is broken.')]);
  });
});
