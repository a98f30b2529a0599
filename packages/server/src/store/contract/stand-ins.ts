import { describe, expect, it } from 'vitest';
import { type Fallbacks, nearMs, type UsableFallback } from '../../core/choose-model.ts';
import type { FailureCode } from '../../core/failures.ts';
import type { Order } from '../../core/order.ts';
import { standInReasons } from '../../core/stand-ins.ts';
import type { Upstream } from '../../core/upstreams.ts';
import { maxPassed } from '../decisions/claims.ts';
import type { Claim, ClaimQuery, RequestStore } from '../request-store.ts';
import { claimOne, order, start, submitOne, toCallEnd, toClaimQuery } from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

const limits = { concurrency: 10_000 };
const own: Upstream = { name: 'own', limits, models: ['model-1'] };
const other: Upstream = { name: 'other', limits, models: ['model-2'] };
const upstreams = [own, other];
const adapted: Order = { ...order, parameters: { imageSize: '2K' } };

function toFallbacks(changes: Partial<UsableFallback> = {}): Fallbacks {
  const adapt = ({ images }: Order) => ({ order: { ...adapted, images }, estimatedCostMicros: 40_000 * images });
  return new Map([['model-1', [{ model: 'model-2', when: standInReasons, adapt, ...changes }]]]);
}

async function claim(store: RequestStore, changes: Partial<ClaimQuery> = {}): Promise<readonly Claim[]> {
  return (await store.claim(toClaimQuery({ upstreams, fallbacks: toFallbacks(), limit: 100, ...changes }))).claims;
}

/** Has the own model refuse one request, which is then queued again; it needs to be the only one. */
async function refuse(store: RequestStore, code: FailureCode, changes: Partial<ClaimQuery> = {}): Promise<void> {
  const [one] = await claim(store, { ...changes, limit: 1 });
  if (!one) throw new Error('There was nothing to claim.');
  await store.beginCalls(one.lease, { imageIndexes: [0], now: start });
  const failure = { code, message: 'No.', retryAfterMs: 600_000 };
  const end = toCallEnd({ result: 'failed', costMicros: 0, failure, endedAt: start });
  await store.settle({
    lease: one.lease,
    ends: [end],
    verdict: { kind: 'retry', availableAt: start, code },
    now: start,
  });
}

const toIds = (claims: readonly Claim[]) => claims.map(({ request }) => request.id);

export function describeStandIns(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  describe('a model that is called instead of another', () => {
    it('makes a request whose own upstreams rest: its order is adapted, and its line says on what, for what and why', async () => {
      const { store } = test.current;
      const id = await submitOne(store);
      await refuse(store, 'upstream_quota_exhausted');
      const [one] = await claim(store);
      const standIn = { model: 'model-2', reason: 'resting' };
      expect(one).toMatchObject({ request: { id, model: 'model-1' }, order: adapted, standIn, upstream: 'other' });
      if (!one) throw new Error('There was nothing to claim.');
      await store.beginCalls(one.lease, { imageIndexes: [0], now: start });
      const [before, after] = await store.attempts('org-a', id);
      expect([before?.standIn, after?.standIn, after?.upstream]).toEqual([undefined, standIn, 'other']);
      const models = new Map([['model-2', 'upstream-model-2']]);
      const [report] = await test.current.upstreams.report({ upstreams: [other], models, now: start });
      expect(report?.load).toMatchObject({ underWay: 1, lastMinute: 1, lastTenMinutesMicros: 40_000 });
    });

    it('is not called while the own one has room', async () => {
      const { store } = test.current;
      await submitOne(store);
      const [one] = await claim(store);
      expect([one?.upstream, one?.standIn, one?.order]).toEqual(['own', undefined, order]);
    });

    it('makes a request whose last call was refused for load, and no other', async () => {
      const { store } = test.current;
      const refused = await submitOne(store, { priority: 1 });
      await refuse(store, 'upstream_overloaded');
      const fresh = await submitOne(store);
      const claims = await claim(store);
      expect(claims.map(({ request, standIn }) => [request.id, standIn?.reason])).toEqual([
        [refused, 'overloaded'],
        [fresh, undefined],
      ]);
    });

    it('does not make a request that forbids it, which waits and does not hold up those behind it', async () => {
      const { store } = test.current;
      await submitOne(store);
      await refuse(store, 'upstream_quota_exhausted');
      await claim(store);
      const strict = await submitOne(store, { allowsStandIn: false, priority: 1 });
      const loose = await submitOne(store);
      const far = await submitOne(store, { organizationId: 'org-b' });
      expect(toIds(await claim(store)).toSorted()).toEqual([loose, far].toSorted());
      expect(await claim(store)).toEqual([]);
      expect(await store.find('org-a', strict)).toMatchObject({ status: 'queued', allowsStandIn: false });
      const later = await claim(store, { now: start + 600_000 });
      expect(later.map(({ request, upstream }) => [request.id, upstream])).toEqual([[strict, 'own']]);
    });

    it('does not make what it cannot, which does not hold up the others either', async () => {
      const { store } = test.current;
      await submitOne(store);
      await refuse(store, 'upstream_quota_exhausted');
      await claim(store);
      await submitOne(store, { order: { ...order, images: 2 }, priority: 1 });
      const fit = await submitOne(store);
      const served = await submitOne(store, { organizationId: 'org-b', model: 'model-3' });
      const adapt = ({ images }: Order) => (images === 1 ? { order: adapted, estimatedCostMicros: 1 } : undefined);
      const third: Upstream = { name: 'third', limits, models: ['model-3'] };
      const query = { fallbacks: toFallbacks({ adapt }), upstreams: [...upstreams, third] };
      expect(toIds(await claim(store, query)).toSorted()).toEqual([fit, served].toSorted());
    });

    it('is looked for behind a bounded number of requests that it cannot make; models with room are served all the same', async () => {
      const { store } = test.current;
      await submitOne(store);
      await refuse(store, 'upstream_quota_exhausted');
      await claim(store);
      for (let i = 0; i < maxPassed + 5; i++) await submitOne(store, { priority: 1 });
      const served = await submitOne(store, { organizationId: 'org-b', model: 'model-2' });
      const fallbacks = toFallbacks({ adapt: () => undefined });
      expect(toIds(await claim(store, { fallbacks }))).toEqual([served]);
      expect(await claim(store, { fallbacks })).toEqual([]);
    });

    it('makes a request whose model is only busy when its deadline is near, wherever it is in the line', async () => {
      const { store } = test.current;
      const busy = { upstreams: [{ ...own, limits: { concurrency: 1 } }, other] };
      for (let i = 0; i < 4; i++) await submitOne(store, { priority: 1 });
      const late = { deadlineAt: start + nearMs };
      await submitOne(store, { ...late, createdAt: start - nearMs, allowsStandIn: false });
      const hurried = await submitOne(store, { ...late, createdAt: start - nearMs });
      const claims = await claim(store, busy);
      expect(claims.map(({ upstream, standIn }) => [upstream, standIn?.reason])).toEqual([
        ['own', undefined],
        ['other', 'deadline'],
      ]);
      expect(claims[1]?.request.id).toBe(hurried);
      expect(await claim(store, busy)).toEqual([]);
    });

    it('is never called after a refusal of content', async () => {
      const { store } = test.current;
      await submitOne(store);
      await refuse(store, 'image_blocked');
      await submitOne(store, { priority: 1 });
      await refuse(store, 'upstream_quota_exhausted');
      expect((await claim(store)).map(({ request }) => request.priority)).toEqual([1]);
    });

    it('shares its room with its own requests in turns of the organizations', async () => {
      const { store } = test.current;
      await submitOne(store);
      await refuse(store, 'upstream_quota_exhausted');
      await claim(store);
      for (let i = 0; i < 3; i++) {
        await submitOne(store, { organizationId: 'org-b', model: 'model-2' });
        await submitOne(store, { organizationId: 'org-c' });
      }
      const claims = await claim(store, { limit: 4 });
      const served = claims.map(({ request }) => request.organizationId);
      expect(served.toSorted()).toEqual(['org-b', 'org-b', 'org-c', 'org-c']);
      expect(new Set(claims.map(({ upstream }) => upstream))).toEqual(new Set(['other']));
    });

    it('is never called by a claim that names no fallbacks', async () => {
      const { store } = test.current;
      await submitOne(store);
      await refuse(store, 'upstream_quota_exhausted');
      expect((await store.claim(toClaimQuery({ upstreams, limit: 9 }))).claims).toEqual([]);
      expect((await claimOne(store, start + 600_000)).standIn).toBeUndefined();
    });
  });

  describe('the order of upstreams', () => {
    it('has those with a lower order called first, and the next ones when these have no room', async () => {
      const { store } = test.current;
      for (let i = 0; i < 3; i++) await submitOne(store);
      const first = { ...own, name: 'first', limits: { concurrency: 1 } };
      const query = {
        upstreams: [
          { ...own, order: 2 },
          { ...first, order: 1 },
        ],
      };
      expect((await claim(store, query)).map(({ upstream }) => upstream)).toEqual(['first', 'own', 'own']);
    });
  });
}
