import { describe, expect, it } from 'vitest';
import type { Failure } from '../../core/failures.ts';
import type { TierPlan } from '../../core/tier-plan.ts';
import type { ClaimQuery, NewRequest, RequestStore } from '../request-store.ts';
import {
  order,
  start,
  submitOne,
  successOutcome,
  toCallEnd,
  toClaimQuery,
  toNewRequest,
  upstream,
} from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

const lanes = new Map([
  ['model-1', 'upstream-model-1'],
  ['model-1 flex', 'upstream-model-1 flex'],
]);
const tiers: TierPlan = [
  { tier: 'flex', needsMs: 1_500_000 },
  { tier: 'standard', needsMs: 600_000 },
];
const movesUpAt = start + 3_600_000 - 1_500_000 + 1;
const cheapest = { serviceTier: 'cheapest', tier: 'flex', movesUpAt, order: { ...order, tiers } } as const;
const flex: Partial<NewRequest> = { serviceTier: 'flex', tier: 'flex' };

async function claimAll(store: RequestStore, changes: Partial<ClaimQuery> = {}) {
  const { claims } = await store.claim(toClaimQuery({ limit: 9, models: lanes, ...changes }));
  return claims;
}

export function describeServiceTiers(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  /** The flex lane closes: five calls in a row are refused for load. */
  async function closeFlex(store: RequestStore): Promise<void> {
    const failure: Failure = { code: 'upstream_overloaded', message: 'No capacity.' };
    for (let call = 0; call < 5; call += 1) await submitOne(store, flex);
    for (const { lease, imageIndexes } of await claimAll(store)) {
      await store.beginCalls(lease, { imageIndexes, now: start });
      const end = toCallEnd({ result: 'failed', failure, costMicros: 0, endedAt: start + 1 });
      const verdict = { kind: 'retry', availableAt: start + 50, code: failure.code } as const;
      await store.settle({ lease, ends: [end], verdict, now: start + 1 });
    }
  }

  describe('service tiers', () => {
    it('are kept as they were asked for, and a claim says in which one its calls are made', async () => {
      const { store } = test.current;
      await submitOne(store, { ...flex, priority: 3 });
      await submitOne(store, { serviceTier: 'priority', tier: 'priority', priority: 2 });
      await submitOne(store);
      const claims = await claimAll(store);
      expect(claims.map(({ request, tier }) => [request.model, request.serviceTier, request.tier, tier])).toEqual([
        ['model-1', 'flex', 'flex', 'flex'],
        ['model-1', 'priority', 'priority', 'priority'],
        ['model-1', undefined, 'standard', 'standard'],
      ]);
    });

    it('of a request are left alone by a claim that does not know them', async () => {
      const { store } = test.current;
      await submitOne(store, flex);
      const { claims } = await store.claim(toClaimQuery({ limit: 9 }));
      expect(claims).toEqual([]);
      expect((await claimAll(store)).map(({ tier }) => tier)).toEqual(['flex']);
    });

    it('rest apart: what the flex tier refuses says nothing about the standard one', async () => {
      const { store, upstreams } = test.current;
      await closeFlex(store);
      await submitOne(store, flex);
      const id = await submitOne(store);
      expect((await claimAll(store, { now: start + 2 })).map(({ request }) => request.id)).toEqual([id]);
      const reports = await upstreams.report({ upstreams: [upstream], models: lanes, now: start + 2 });
      expect(reports.map(({ model, room }) => [model, room.kind])).toEqual([
        ['upstream-model-1', 'open'],
        ['upstream-model-1 flex', 'closed'],
      ]);
    });

    it('have places of their own in a claim: calls that take many minutes use up none of the others', async () => {
      const { store } = test.current;
      for (let index = 0; index < 4; index += 1) await submitOne(store, { ...flex, priority: 9 });
      for (let index = 0; index < 4; index += 1) await submitOne(store);
      const some = await claimAll(store, { limit: 2, patientLimit: 1 });
      expect(some.map(({ tier }) => tier).toSorted()).toEqual(['flex', 'standard', 'standard']);
      const none = await claimAll(store, { limit: 0, patientLimit: 2 });
      expect(none.map(({ tier }) => tier)).toEqual(['flex', 'flex']);
    });

    it('are one model in lists, totals and usage', async () => {
      const { store, budgets } = test.current;
      for (const changes of [flex, {}]) await submitOne(store, changes);
      await submitOne(store, { model: 'model-2' });
      const { requests, total } = await store.list({ organizationId: 'org-a', model: 'model-1', limit: 9 });
      expect([requests.map(({ model }) => model), total]).toEqual([['model-1', 'model-1'], 2]);
      for (const { lease, imageIndexes } of await claimAll(store)) {
        await store.beginCalls(lease, { imageIndexes, now: start });
        const verdict = { kind: 'succeed', outcome: successOutcome } as const;
        await store.settle({ lease, ends: [toCallEnd({ costMicros: 5 })], verdict, now: start });
      }
      const usage = await budgets.usage({ organizationId: 'org-a', from: '2025-01-01', to: '2026-01-01' });
      expect(usage).toMatchObject([{ model: 'model-1', success: 2, costMicros: 10 }]);
    });

    it('that an upstream has used are in the attempt log', async () => {
      const { store } = test.current;
      const id = await submitOne(store, flex);
      for (const { lease, imageIndexes } of await claimAll(store)) {
        await store.beginCalls(lease, { imageIndexes, now: start });
        await store.endCalls(lease, [toCallEnd({ serviceTier: 'standard' })]);
      }
      expect(await store.attempts('org-a', id)).toMatchObject([{ serviceTier: 'standard' }]);
    });
  });

  describe('a move to the next tier', () => {
    it('comes when the time of the tier is over, and keeps the place of the request', async () => {
      const { store, events } = test.current;
      const id = await submitOne(store, cheapest);
      const later = await submitOne(store, { id: toNewRequest().id });
      expect(await store.moveUp({ now: movesUpAt - 1, limit: 9 })).toEqual([]);
      expect(await store.find('org-a', id)).toMatchObject({ tier: 'flex', serviceTier: 'cheapest' });
      expect(await store.moveUp({ now: movesUpAt, limit: 9 })).toEqual([id]);
      expect(await store.moveUp({ now: movesUpAt, limit: 9 })).toEqual([]);
      expect(await store.find('org-a', id)).toMatchObject({ tier: 'standard', model: 'model-1', status: 'queued' });
      expect(await Promise.all([id, later].map((one) => events.position('org-a', one)))).toEqual([0, 1]);
      expect((await store.list({ organizationId: 'org-a', limit: 9 })).total).toBe(2);
      const claims = await claimAll(store, { now: movesUpAt });
      expect(claims.map(({ request, tier }) => [request.id, tier])).toEqual([
        [id, 'standard'],
        [later, 'standard'],
      ]);
    });

    it('also reaches requests that wait for another try, and none that is being processed', async () => {
      const { store } = test.current;
      const id = await submitOne(store, cheapest);
      const [claim] = await claimAll(store);
      if (!claim) throw new Error('There was nothing to claim.');
      expect(claim.tier).toBe('flex');
      expect(await store.moveUp({ now: movesUpAt, limit: 9 })).toEqual([]);
      const verdict = { kind: 'retry', availableAt: movesUpAt + 5, code: 'upstream_overloaded' } as const;
      await store.settle({ lease: claim.lease, ends: [], verdict, now: movesUpAt });
      expect(await store.moveUp({ now: movesUpAt, limit: 9 })).toEqual([id]);
      expect(await claimAll(store, { now: movesUpAt })).toEqual([]);
      expect((await claimAll(store, { now: movesUpAt + 5 })).map(({ tier }) => tier)).toEqual(['standard']);
      expect((await store.list({ organizationId: 'org-a', status: 'processing', limit: 9 })).total).toBe(1);
    });

    it('is not waited for by a claim: a request whose time has passed is called in the next tier', async () => {
      const { store } = test.current;
      await submitOne(store, cheapest);
      expect((await claimAll(store, { now: movesUpAt })).map(({ tier }) => tier)).toEqual(['standard']);
    });

    it('is later after a requeue, as the deadline is', async () => {
      const { store } = test.current;
      const id = await submitOne(store, cheapest);
      await store.cancel('org-a', id, start);
      await store.requeue([id], start + 600_000);
      expect(await store.moveUp({ now: movesUpAt + 599_999, limit: 9 })).toEqual([]);
      expect(await store.moveUp({ now: movesUpAt + 600_000, limit: 9 })).toEqual([id]);
    });
  });
}
