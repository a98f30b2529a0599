import { describe, expect, it } from 'vitest';
import {
  beginOne,
  claimDueDeliveries,
  claimMany,
  start,
  submitOne,
  successOutcome,
  toCallEnd,
  toNewEndpoint,
  toNewRequest,
} from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

const odd = 'a\0b\ud800c';
const kept = 'a\u{fffd}b\u{fffd}c';

/** Every text and number that reaches the store is kept, and reads the same from every database. */
export function describeOddValues(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  describe('text that PostgreSQL cannot store', () => {
    it('is kept with U+FFFD in its place: names, addresses, ids of upstreams', async () => {
      const { store, webhooks } = test.current;
      const { lease } = await beginOne(store);
      await store.endCalls(lease, [toCallEnd({ modelVersion: odd, responseId: odd })]);
      expect(await store.attempts('org-a', lease.requestId)).toMatchObject([{ modelVersion: kept, responseId: kept }]);
      await webhooks.createEndpoint(toNewEndpoint({ url: odd }), 9);
      expect(await webhooks.listEndpoints('org-a')).toMatchObject([{ url: kept }]);
      await store.submit(toNewRequest({ id: 'odd', apiKeyId: odd }));
      expect(await store.find('org-a', 'odd')).toMatchObject({ apiKeyId: kept });
    });

    it('matches nothing, and fails no call that looks for it', async () => {
      const { store, events } = test.current;
      await submitOne(store);
      expect(await store.find('org-a', odd)).toBeUndefined();
      expect(await store.cancel(odd, odd, start)).toBeUndefined();
      expect((await store.list({ organizationId: odd, model: odd, limit: 5 })).total).toBe(0);
      expect(await events.ofRequest('org-a', odd, { after: 0, limit: 5 })).toEqual([]);
    });

    it('in the address of a webhook stops no claim, of its request or of others', async () => {
      const { store, webhooks } = test.current;
      const webhook = { url: `https://example.com/${odd}`, events: ['request.processing', 'request.success'] } as const;
      const id = await submitOne(store, { webhook });
      const other = await submitOne(store, { organizationId: 'org-b' });
      const claims = await claimMany(store, 5);
      expect(claims.map(({ request }) => request.id).sort()).toEqual([id, other].sort());
      for (const { lease } of claims) {
        const verdict = { kind: 'succeed', outcome: successOutcome } as const;
        expect(await store.settle({ lease, ends: [], verdict, now: start })).toBe(true);
      }
      expect((await claimDueDeliveries(webhooks)).map(({ url }) => url)).toEqual([`https://example.com/${kept}`]);
    });
  });

  describe('a cost that is no amount of money', () => {
    it.each([
      ['is beyond all numbers', Number.POSITIVE_INFINITY],
      ['came of 4e18 tokens', 4.8e20],
      ['is no integer', 3.4],
      ['is no number', Number.NaN],
      ['is negative', -5],
    ])('is bounded when it %s: the request ends, and everything can be read', async (_what, costMicros) => {
      const { store, budgets, events } = test.current;
      await budgets.set({ scope: 'organization', id: 'org-a', period: 'day', limitMicros: 1e15 }, start);
      for (let times = 0; times < 3; times++) {
        const { lease } = await beginOne(store);
        const verdict = { kind: 'succeed', outcome: successOutcome } as const;
        expect(await store.settle({ lease, ends: [toCallEnd({ costMicros })], verdict, now: start })).toBe(true);
        const [line] = await store.attempts('org-a', lease.requestId);
        expect(line?.costMicros).toSatisfy((micros) => Number.isSafeInteger(micros) && Number(micros) >= 0);
      }
      const { requests } = await store.list({ organizationId: 'org-a', status: 'success', limit: 5 });
      expect(requests).toHaveLength(3);
      expect(await budgets.list({ now: start })).toHaveLength(1);
      expect(await budgets.usage({ organizationId: 'org-a', from: '2025-01-01', to: '2026-01-01' })).toHaveLength(1);
      expect(await events.readAfter(0, 99)).not.toEqual([]);
    });
  });

  describe('a row that cannot be read', () => {
    it('is shown with a failure, and the others of its list are shown with it', async () => {
      const { store } = test.current;
      const ids = [await submitOne(store), await submitOne(store), await submitOne(store)];
      const [, odd = ''] = ids;
      await store.cancel('org-a', odd, start);
      await test.current.spoil(`UPDATE requests SET outcome = '{"kind":' WHERE id = '${odd}'`);
      const { requests } = await store.list({ organizationId: 'org-a', limit: 9 });
      expect(requests.map(({ id }) => id)).toEqual([...ids].reverse());
      const shown = { status: 'failed', outcome: { failure: { code: 'internal_error' } } };
      expect(requests[1]).toMatchObject(shown);
      expect(await store.find('org-a', odd)).toMatchObject(shown);
    });

    it('hides nothing when its numbers are larger than any that were written', async () => {
      const { store } = test.current;
      const ids = [await submitOne(store), await submitOne(store)];
      await test.current.spoil(`UPDATE requests SET cost_micros = 4000000000000000000 WHERE id = '${ids[0]}'`);
      const { requests } = await store.list({ organizationId: 'org-a', limit: 9 });
      expect(requests.map(({ costMicros }) => costMicros)).toEqual([0, 4e18]);
      expect(await store.find('org-a', ids[0] ?? '')).toMatchObject({ costMicros: 4e18 });
      expect(await claimMany(store, 9)).not.toEqual([]);
    });
  });
}
