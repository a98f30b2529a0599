import { describe, expect, it } from 'vitest';
import type { Failure } from '../../core/failures.ts';
import type { CallEnd } from '../../core/image-request.ts';
import { every, type Upstream, type UpstreamLimits } from '../../core/upstreams.ts';
import type { RequestStore } from '../request-store.ts';
import { leaseMs, models, order, start, submitOne, toCallEnd, toClaimQuery } from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

const interrupt = { kind: 'interrupt' } as const;
const key = { upstream: 'upstream-1', model: 'upstream-model-1' };
/** 13 hours after the start, 00:57 in Los Angeles: the next day there. */
/** `nextDay` is its midnight. */
const quotaTimeZone = 'America/Los_Angeles';
const nextDay = start + 13 * 3_600_000;

function toUpstream(limits: Partial<UpstreamLimits> = {}, name = 'upstream-1'): Upstream {
  return { name, limits: { concurrency: 10_000, ...limits }, quotaTimeZone };
}

interface Calling {
  readonly upstreams: readonly Upstream[];
  readonly limit?: number;
  readonly now?: number;
}

async function grant(store: RequestStore, { upstreams, limit = 100, now = start }: Calling) {
  return (await store.claim(toClaimQuery({ upstreams, limit, now, leaseMs: 48 * 3_600_000 }))).claims;
}

/** How many calls were granted. */
async function countGrants(store: RequestStore, calling: Calling): Promise<number> {
  return (await grant(store, calling)).reduce((sum, { imageIndexes }) => sum + imageIndexes.length, 0);
}

async function submitMany(store: RequestStore, count: number, model = 'model-1'): Promise<void> {
  for (let i = 0; i < count; i++) await submitOne(store, { model });
}

/** Has calls granted, sends them and ends them at the same moment; returns their number. */
async function callAndEnd(store: RequestStore, calling: Calling, end: Partial<CallEnd> = {}): Promise<number> {
  const now = calling.now ?? start;
  const claims = await grant(store, calling);
  for (const { lease, imageIndexes } of claims) {
    await store.beginCalls(lease, { imageIndexes, now });
    const ends = imageIndexes.map((imageIndex) => toCallEnd({ imageIndex, endedAt: now, ...end }));
    await store.settle({ lease, ends, verdict: interrupt, now });
  }
  return claims.length;
}

function toFailed(failure: Failure): Partial<CallEnd> {
  return { result: 'failed', costMicros: 0, failure };
}

const blocked = toFailed({ code: 'prompt_blocked', message: 'It must not be drawn.' });
const overloaded = toFailed({ code: 'upstream_overloaded', message: 'It has no capacity.' });
const rateLimited = toFailed({ code: 'upstream_rate_limited', message: 'Too many.', retryAfterMs: 20_000 });

export function describeUpstreams(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  describe('the limits of an upstream', () => {
    it('allow no more calls under way than its concurrency, over all models and every connection', async () => {
      const { store } = test.current;
      const other = (await test.current.connect()).store;
      await submitMany(store, 5);
      await submitMany(store, 5, 'model-2');
      const upstreams = [toUpstream({ concurrency: 3 })];
      const granted = await Promise.all([store, other, store].map((one) => countGrants(one, { upstreams, limit: 2 })));
      expect(granted.toSorted()).toEqual([0, 1, 2]);
    });

    it('give room back when a call ends', async () => {
      const { store } = test.current;
      await submitMany(store, 3);
      const upstreams = [toUpstream({ concurrency: 1 })];
      const [claim] = await grant(store, { upstreams });
      if (!claim) throw new Error('There should be a claim.');
      expect(await countGrants(store, { upstreams })).toBe(0);
      await store.beginCalls(claim.lease, { imageIndexes: [0], now: start });
      await store.endCalls(claim.lease, [toCallEnd()]);
      expect(await countGrants(store, { upstreams })).toBe(1);
    });

    it('of a minute hold over two connections and a reopened store, and say when there is room again', async () => {
      const { store } = test.current;
      await submitMany(store, 9);
      const upstreams = [toUpstream({ requestsPerMinute: 4 })];
      expect(await callAndEnd(store, { upstreams, limit: 3 })).toBe(3);
      const other = (await test.current.connect()).store;
      expect(await callAndEnd(other, { upstreams, now: start + 10_000 })).toBe(1);
      await store.close();
      const reopened = (await test.current.connect()).store;
      const full = await reopened.claim(toClaimQuery({ upstreams, limit: 9, now: start + 59_999 }));
      expect(full).toEqual({ claims: [], nextAvailableAt: start + 60_000 });
      expect(await countGrants(reopened, { upstreams, now: start + 60_000 })).toBe(3);
    });

    it('of a minute count calls that are granted and not sent yet', async () => {
      const { store } = test.current;
      await submitMany(store, 9);
      const upstreams = [toUpstream({ requestsPerMinute: 4 })];
      expect(await countGrants(store, { upstreams, limit: 3 })).toBe(3);
      expect(await countGrants(store, { upstreams, now: start + 120_000 })).toBe(1);
    });

    it('of pictures a minute count calls that made one or may, and none that was refused', async () => {
      const { store } = test.current;
      await submitMany(store, 9);
      const upstreams = [toUpstream({ imagesPerMinute: 3 })];
      expect(await callAndEnd(store, { upstreams, limit: 2 }, blocked)).toBe(2);
      expect(await callAndEnd(store, { upstreams, limit: 1, now: start + 10_000 })).toBe(1);
      expect(await countGrants(store, { upstreams, limit: 1, now: start + 20_000 })).toBe(1);
      const lost = { ...blocked, isPossiblyBilled: true };
      expect(await callAndEnd(store, { upstreams, now: start + 30_000 }, lost)).toBe(1);
      expect(await countGrants(store, { upstreams, now: start + 40_000 })).toBe(0);
      expect(await countGrants(store, { upstreams, now: start + 70_000 })).toBe(1);
    });

    it('of a day hold over a reopened store until midnight of its time zone', async () => {
      const { store } = test.current;
      await submitMany(store, 9);
      const upstreams = [toUpstream({ requestsPerDay: 4 })];
      expect(await callAndEnd(store, { upstreams, limit: 3 })).toBe(3);
      await store.close();
      const reopened = (await test.current.connect()).store;
      expect(await callAndEnd(reopened, { upstreams, now: start + 3_600_000 })).toBe(1);
      expect(await countGrants(reopened, { upstreams, now: start + 7_200_000 })).toBe(0);
      expect(await countGrants(reopened, { upstreams, now: nextDay })).toBe(4);
    });

    it('of dollars count what calls of ten minutes have cost and what those under way may cost', async () => {
      const { store } = test.current;
      await submitMany(store, 9);
      // Each of them may cost 134,000 micro-dollars; the two that end cost less.
      const upstreams = [toUpstream({ microsPerTenMinutes: 536_000 })];
      expect(await callAndEnd(store, { upstreams, limit: 2 }, { costMicros: 67_000 })).toBe(2);
      expect(await countGrants(store, { upstreams, now: start + 1_000 })).toBe(3);
      const later = { upstreams, now: start + 600_000 };
      expect(await countGrants((await test.current.connect()).store, later)).toBe(1);
    });

    it('give a request for four images the calls that there is room for, and the rest later', async () => {
      const { store } = test.current;
      const id = await submitOne(store, { order: { ...order, images: 4 } });
      const upstreams = [toUpstream({ requestsPerMinute: 3 })];
      expect(await callAndEnd(store, { upstreams }, { answer: { parts: [] } })).toBe(1);
      const [rest] = await grant(store, { upstreams, now: start + 60_000 });
      expect(rest).toMatchObject({ request: { id }, lease: { attempt: 2 }, imageIndexes: [3] });
    });

    it('do not count a call that was granted and never sent', async () => {
      const { store } = test.current;
      await submitMany(store, 1);
      const upstreams = [toUpstream({ requestsPerDay: 1, requestsPerMinute: 1, concurrency: 1 })];
      for (let i = 0; i < 3; i++) {
        const [claim] = await grant(store, { upstreams });
        if (!claim) throw new Error('The call should be granted again.');
        await store.settle({ lease: claim.lease, ends: [], verdict: interrupt, now: start });
      }
      const [report] = await test.current.upstreams.report({
        upstreams,
        models: new Map([['model-1', key.model]]),
        now: start,
      });
      expect(report).toMatchObject({ state: { dayCalls: 0 }, load: { underWay: 0, lastMinute: 0 } });
    });

    it('send a request to the upstream that has the most room, and each request to one', async () => {
      const { store } = test.current;
      const upstreams = [toUpstream({ concurrency: 2 }, 'narrow'), toUpstream({ concurrency: 3 }, 'wide')];
      for (let i = 0; i < 3; i++) await submitOne(store, { order: { ...order, images: 3 } });
      const claims = await grant(store, { upstreams });
      expect(claims.map(({ upstream, imageIndexes }) => [upstream, imageIndexes.length])).toEqual([
        ['wide', 3],
        ['narrow', 2],
      ]);
    });
  });

  describe('the health of an upstream', () => {
    it('closes only the model that it told to wait, until its time', async () => {
      const { store } = test.current;
      const upstreams = [toUpstream()];
      await submitMany(store, 2);
      await callAndEnd(store, { upstreams, limit: 1 }, rateLimited);
      await submitMany(store, 1, 'model-2');
      const { claims, nextAvailableAt } = await store.claim(toClaimQuery({ upstreams, limit: 9 }));
      expect(claims.map(({ request }) => request.model)).toEqual(['model-2']);
      expect(nextAvailableAt).toBe(start + 20_000);
      expect(await countGrants(store, { upstreams, now: start + 20_000 })).toBeGreaterThan(0);
    });

    it('is the same for every connection and over a reopened store', async () => {
      const { store } = test.current;
      const upstreams = [toUpstream()];
      await submitMany(store, 2);
      await callAndEnd(store, { upstreams, limit: 1 }, rateLimited);
      expect(await countGrants((await test.current.connect()).store, { upstreams })).toBe(0);
      await store.close();
      expect(await countGrants((await test.current.connect()).store, { upstreams, now: start + 19_999 })).toBe(0);
    });

    it('opens the breaker in a wave, lets single probes through, and closes it when one succeeds', async () => {
      const { store } = test.current;
      const upstreams = [toUpstream()];
      await submitMany(store, 9);
      for (let i = 0; i < 5; i++) await callAndEnd(store, { upstreams, limit: 1 }, overloaded);
      expect(await countGrants(store, { upstreams })).toBe(0);
      const probing = start + 5_000;
      const [probe, ...others] = await grant(store, { upstreams, now: probing });
      if (!probe) throw new Error('There should be a probe.');
      expect(others).toEqual([]);
      expect(await countGrants(store, { upstreams, now: probing + 1 })).toBe(0);
      await store.beginCalls(probe.lease, { imageIndexes: [0], now: probing });
      await store.endCalls(probe.lease, [toCallEnd({ endedAt: probing + 2 })]);
      expect(await countGrants(store, { upstreams, now: probing + 2 })).toBeGreaterThan(0);
    });

    it('lets another probe through at once when one was never sent', async () => {
      const { store } = test.current;
      const upstreams = [toUpstream()];
      await submitMany(store, 9);
      for (let i = 0; i < 5; i++) await callAndEnd(store, { upstreams, limit: 1 }, overloaded);
      const now = start + 5_000;
      const [probe] = await grant(store, { upstreams, now });
      if (!probe) throw new Error('There should be a probe.');
      await store.settle({ lease: probe.lease, ends: [], verdict: interrupt, now });
      expect(await countGrants(store, { upstreams, now })).toBe(1);
    });

    it('is not changed by calls that were given back, or that failed before they were sent', async () => {
      const { store, upstreams: states } = test.current;
      const upstreams = [toUpstream()];
      await submitMany(store, 1);
      await callAndEnd(store, { upstreams }, { ...rateLimited, result: 'interrupted' });
      const [claim] = await grant(store, { upstreams });
      if (!claim) throw new Error('There should be a claim.');
      const ends = [toCallEnd(rateLimited)];
      await store.settle({ lease: claim.lease, ends, verdict: interrupt, now: start });
      const [report] = await states.report({ upstreams, models: new Map([['model-1', key.model]]), now: start });
      expect(report?.state).toEqual({});
    });
  });

  describe('hold, release and report', () => {
    it.each([
      ['a model on an upstream', key],
      ['an upstream', { ...key, model: every }],
      ['a model', { ...key, upstream: every }],
    ])('closes %s until it is released; requests wait in the queue', async (_what, held) => {
      const { store, upstreams: states } = test.current;
      const upstreams = [toUpstream()];
      await submitMany(store, 1);
      await states.hold(held, start);
      expect(await countGrants(store, { upstreams, now: start + leaseMs })).toBe(0);
      const [report] = await states.report({ upstreams, models: new Map([['model-1', key.model]]), now: start });
      expect(report?.room).toMatchObject({ kind: 'closed', reason: 'operator' });
      await states.release(held);
      expect(await countGrants(store, { upstreams })).toBe(1);
    });

    it('gives requests of a paused upstream to the others', async () => {
      const { store, upstreams: states } = test.current;
      await submitMany(store, 2);
      await states.hold({ upstream: 'upstream-1', model: every }, start);
      const claims = await grant(store, { upstreams: [toUpstream(), toUpstream({}, 'upstream-2')] });
      expect(claims.map(({ upstream }) => upstream)).toEqual(['upstream-2', 'upstream-2']);
    });

    it('keeps what calls show about an upstream that is held, and lets calls under way go on', async () => {
      const { store, upstreams: states } = test.current;
      const upstreams = [toUpstream()];
      await submitMany(store, 1);
      const [claim] = await grant(store, { upstreams });
      if (!claim) throw new Error('There should be a claim.');
      await states.hold(key, start);
      expect(await store.beginCalls(claim.lease, { imageIndexes: [0], now: start })).toBe(true);
      await store.endCalls(claim.lease, [toCallEnd(rateLimited)]);
      const [report] = await states.report({ upstreams, models: new Map([['model-1', key.model]]), now: start });
      expect(report?.state).toMatchObject({ heldAt: start, pause: { kind: 'wait' } });
    });

    it('on release forgets what calls have shown, but not how many the day has had', async () => {
      const { store, upstreams: states } = test.current;
      const upstreams = [toUpstream({ requestsPerDay: 9 })];
      await submitMany(store, 2);
      await callAndEnd(store, { upstreams, limit: 1 }, rateLimited);
      await states.release(key);
      const [report] = await states.report({ upstreams, models: new Map([['model-1', key.model]]), now: start });
      expect(report).toMatchObject({ room: { kind: 'open', calls: 8 } });
      expect(report?.state).toEqual({ day: '2025-10-29', dayTimeZone: quotaTimeZone, dayCalls: 1 });
    });

    it('remembers for good that an upstream which costs money has served the store, over every connection', async () => {
      const { upstreams: states } = test.current;
      expect(await states.isReal()).toBe(false);
      await states.hold({ upstream: every, model: key.model }, start);
      await states.release({ upstream: 'sandbox', model: every });
      expect(await states.isReal()).toBe(false);
      await states.remember(['main', 'spare'], start);
      await states.remember(['main'], start);
      for (const one of [states, (await test.current.connect()).upstreams]) expect(await one.isReal()).toBe(true);
    });

    it('holds the sandbox with the first upstream that costs money, and with no other', async () => {
      const { store, upstreams: states } = test.current;
      const upstreams = [toUpstream({}, 'sandbox')];
      await submitMany(store, 1);
      await states.remember(['main'], start);
      expect(await countGrants(store, { upstreams })).toBe(0);
      await states.release({ upstream: 'sandbox', model: every });
      await states.remember(['main', 'spare'], start);
      expect(await countGrants(store, { upstreams })).toBe(1);
    });

    it('grants calls only where a model is served; a request of a model that no upstream serves waits', async () => {
      const { store, upstreams: states } = test.current;
      const upstreams: readonly Upstream[] = [
        { ...toUpstream({}, 'upstream-1'), models: ['model-1'] },
        { ...toUpstream({ requestsPerMinute: 1 }, 'upstream-2'), models: ['model-2'] },
      ];
      const first = await submitOne(store, { model: 'model-1' });
      for (let i = 0; i < 2; i++) await submitOne(store, { model: 'model-2' });
      const unserved = await submitOne(store, { model: 'model-3' });
      const claims = await grant(store, { upstreams });
      expect(claims.map(({ request, upstream }) => [request.model, upstream]).sort()).toEqual([
        ['model-1', 'upstream-1'],
        ['model-2', 'upstream-2'],
      ]);
      expect(claims.some(({ request }) => request.id === first)).toBe(true);
      expect(await countGrants(store, { upstreams })).toBe(0);
      expect((await store.find('org-a', unserved))?.status).toBe('queued');
      const reports = await states.report({ upstreams, models, now: start });
      expect(reports.map(({ upstream, model }) => [upstream, model])).toEqual([
        ['upstream-1', 'upstream-model-1'],
        ['upstream-2', 'upstream-model-2'],
      ]);
      expect(await countGrants(store, { upstreams: [toUpstream({}, 'upstream-3')], now: start })).toBe(2);
    });

    it('reports each model on each upstream, with its load', async () => {
      const { store, upstreams: states } = test.current;
      const upstreams = [toUpstream(), toUpstream({}, 'upstream-2')];
      await submitMany(store, 3);
      await callAndEnd(store, { upstreams: [toUpstream()], limit: 1 });
      await countGrants(store, { upstreams: [toUpstream()], limit: 1 });
      const reports = await states.report({ upstreams, models, now: start });
      expect(reports).toHaveLength(6);
      expect(reports[0]).toEqual({
        ...key,
        room: { kind: 'open', calls: 9_999, isProbe: false },
        state: {},
        load: {
          underWay: 1,
          lastMinute: 2,
          lastMinuteImages: 2,
          firstOfMinuteAt: start,
          lastTenMinutesMicros: 268_000,
        },
      });
      expect(reports[1]).toMatchObject({ upstream: 'upstream-2', load: { underWay: 0 } });
    });
  });
}
