import { describe, expect, it } from 'vitest';
import type { Budget, BudgetPeriod, BudgetScope } from '../../core/budgets.ts';
import type { Claim, NewRequest, RequestStore } from '../request-store.ts';
import {
  beginOne,
  claimOne,
  failureOutcome,
  leaseMs,
  start,
  submitOne,
  successOutcome,
  toCallEnd,
  toNewRequest,
} from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

const dayMs = 24 * 3_600_000;
/** What every request is estimated to cost. */
const price = 134_000;
const fail = { kind: 'fail', outcome: failureOutcome } as const;
const succeed = { kind: 'succeed', outcome: successOutcome } as const;

export function describeBudgets(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  function set(limitMicros: number, changes: Partial<Budget> = {}, now = start): Promise<void> {
    const budget: Budget = { scope: 'organization', id: 'org-a', period: 'day', limitMicros };
    return test.current.budgets.set({ ...budget, ...changes }, now);
  }

  /** Of the budgets of the organization, unless `of` names another. */
  async function used(now = start, of: { scope: BudgetScope; id: string } = { scope: 'organization', id: 'org-a' }) {
    return (await test.current.budgets.list({ now, of })).map(({ usedMicros }) => usedMicros);
  }

  const submit = (changes: Partial<NewRequest> = {}) => test.current.store.submit(toNewRequest(changes));

  describe('a budget', () => {
    it('takes what fits, to the last micro-dollar, and refuses the rest with the status of the budget', async () => {
      await set(2 * price);
      await submitOne(test.current.store);
      await submitOne(test.current.store);
      const budget = { scope: 'organization', id: 'org-a', period: 'day', limitMicros: 2 * price };
      const status = { ...budget, usedMicros: 2 * price };
      expect(await submit({ estimatedCostMicros: 1 })).toEqual({ kind: 'over-budget', budget: status });
      expect(await submit({ estimatedCostMicros: 0 })).toMatchObject({ kind: 'submitted' });
      expect(await submit({ organizationId: 'org-b' })).toMatchObject({ kind: 'submitted' });
    });

    it('reserves what a dearer model would cost, and shows what the ordered one costs', async () => {
      await set(3 * price);
      const request = toNewRequest({ reservedMicros: 2 * price });
      const submitted = await test.current.store.submit(request);
      expect(submitted).toMatchObject({ request: { estimatedCostMicros: price } });
      expect(await used()).toEqual([2 * price]);
      expect(await test.current.store.find('org-a', request.id)).toMatchObject({ estimatedCostMicros: price });
      const { lease } = await claimOne(test.current.store);
      expect(await submit({ reservedMicros: 2 * price })).toMatchObject({ kind: 'over-budget' });
      await set(3 * price, {}, start + 1);
      expect(await used()).toEqual([2 * price]);
      await test.current.store.settle({ lease, ends: [], verdict: fail, now: start + 2 });
      expect(await used()).toEqual([0]);
    });

    it('keeps nothing of a submit that it refuses', async () => {
      await set(price - 1);
      const request = toNewRequest();
      expect(await test.current.store.submit(request)).toMatchObject({ kind: 'over-budget' });
      expect(await test.current.store.find('org-a', request.id)).toBeUndefined();
      expect(await used()).toEqual([0]);
      await set(price);
      expect(await test.current.store.submit(request)).toMatchObject({ kind: 'submitted' });
    });

    it('is not overdrawn by concurrent submits', async () => {
      const other = (await test.current.connect()).store;
      await set(7 * price + 1);
      await set(9 * price, { scope: 'key', id: 'key-1' });
      const stores = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? test.current.store : other));
      const results = await Promise.all(stores.map((store) => store.submit(toNewRequest())));
      expect(results.filter(({ kind }) => kind === 'submitted')).toHaveLength(7);
      expect(results.filter(({ kind }) => kind === 'over-budget')).toHaveLength(93);
      expect(await used()).toEqual([7 * price]);
    });

    it('of several, names the one that has the least left', async () => {
      await set(3 * price, { period: 'month' });
      await set(2 * price);
      await set(4 * price, { scope: 'key', id: 'key-1' });
      const estimatedCostMicros = 5 * price;
      expect(await submit({ estimatedCostMicros })).toMatchObject({
        budget: { period: 'day', limitMicros: 2 * price },
      });
      await submitOne(test.current.store, { organizationId: 'org-b', estimatedCostMicros: 3 * price });
      expect(await submit({ estimatedCostMicros })).toMatchObject({ budget: { scope: 'key', usedMicros: 3 * price } });
    });

    it('of a key counts what the key spends in every organization', async () => {
      await set(2 * price, { scope: 'key', id: 'key-1' });
      await submitOne(test.current.store);
      await submitOne(test.current.store, { organizationId: 'org-b' });
      expect(await submit({ organizationId: 'org-c' })).toMatchObject({ kind: 'over-budget' });
      expect(await submit({ apiKeyId: 'key-2' })).toMatchObject({ kind: 'submitted' });
    });

    it('set in the middle of a period counts what was before', async () => {
      const { store } = test.current;
      const done = await beginOne(store);
      await store.settle({
        lease: done.lease,
        ends: [toCallEnd({ costMicros: 50_000 })],
        verdict: succeed,
        now: start,
      });
      await submitOne(store, { createdAt: start - dayMs, estimatedCostMicros: 1 });
      await submitOne(store, { apiKeyId: 'key-2' });
      await submitOne(store, { organizationId: 'org-b' });
      await set(9 * price);
      await set(9 * price, { period: 'month' });
      await set(9 * price, { scope: 'key', id: 'key-1' });
      expect(await used()).toEqual([50_000 + price, 50_000 + price + 1]);
      expect(await used(start, { scope: 'key', id: 'key-1' })).toEqual([50_000 + price]);
    });

    it('keeps what is used when its limit changes, and forgets it when it is removed', async () => {
      const { store, budgets } = test.current;
      await set(9 * price);
      await submitOne(store);
      await set(price);
      expect(await used()).toEqual([price]);
      const key = { scope: 'organization', id: 'org-a', period: 'day' } as const;
      expect(await budgets.remove(key)).toBe(true);
      expect(await budgets.remove(key)).toBe(false);
      expect(await budgets.list({ now: start })).toEqual([]);
      expect(await submit()).toMatchObject({ kind: 'submitted' });
    });

    it('is listed in order of scope, id and period, one owner or all', async () => {
      const { budgets } = test.current;
      const all: [BudgetScope, string, BudgetPeriod][] = [
        ['key', 'key-1', 'day'],
        ['key', 'key-1', 'month'],
        ['key', 'key-2', 'day'],
        ['organization', 'org-a', 'month'],
      ];
      for (const [scope, id, period] of all.toReversed()) await set(5, { scope, id, period });
      const keys = async (query: Parameters<typeof budgets.list>[0]) =>
        (await budgets.list(query)).map(({ scope, id, period }) => [scope, id, period]);
      expect(await keys({ now: start })).toEqual(all);
      expect(await keys({ now: start, of: { scope: 'key', id: 'key-1' } })).toEqual(all.slice(0, 2));
    });

    it('is the same for every process', async () => {
      const other = (await test.current.connect()).store;
      await set(price);
      await submitOne(other);
      expect(await used()).toEqual([price]);
      expect(await submit()).toMatchObject({ kind: 'over-budget' });
    });
  });

  describe('the window of a budget', () => {
    it('starts at zero with each day and each month (UTC)', async () => {
      await set(price);
      await set(9 * price, { period: 'month' });
      await submitOne(test.current.store);
      expect(await submit()).toMatchObject({ kind: 'over-budget' });
      const tomorrow = start + dayMs;
      expect(await used(tomorrow)).toEqual([0, price]);
      expect(await submit({ createdAt: tomorrow })).toMatchObject({ kind: 'submitted' });
      expect(await used(tomorrow)).toEqual([price, 2 * price]);
      expect(await used(start + 31 * dayMs)).toEqual([0, 0]);
    });

    it('is not changed by requests of an earlier one', async () => {
      const { store } = test.current;
      await set(9 * price);
      const { lease } = await beginOne(store);
      const tomorrow = start + dayMs;
      await submitOne(store, { createdAt: tomorrow });
      await store.settle({ lease, ends: [toCallEnd({ costMicros: 3 })], verdict: succeed, now: tomorrow });
      expect(await used(tomorrow)).toEqual([price]);
      expect(await used(start)).toEqual([3]);
    });

    it('is kept separately for processes whose clocks differ at midnight', async () => {
      const other = (await test.current.connect()).store;
      await set(2 * price);
      const tomorrow = start + dayMs;
      for (const [store, createdAt] of [
        [test.current.store, start],
        [other, tomorrow],
        [test.current.store, start],
        [other, tomorrow],
      ] as const) {
        await submitOne(store, { createdAt });
      }
      expect(await used(start)).toEqual([2 * price]);
      expect(await used(tomorrow)).toEqual([2 * price]);
    });
  });

  type Ending = (store: RequestStore, claim: Claim) => Promise<unknown>;
  const endings: readonly [string, number, Ending][] = [
    [
      'a success',
      120_000,
      (store, { lease }) =>
        store.settle({ lease, ends: [toCallEnd({ costMicros: 120_000 })], verdict: succeed, now: start }),
    ],
    ['a failure for nothing', 0, (store, { lease }) => store.settle({ lease, ends: [], verdict: fail, now: start })],
    [
      'a failure that has cost',
      70_000,
      async (store, { lease }) => {
        await store.endCalls(lease, [toCallEnd({ result: 'failed', costMicros: 70_000 })]);
        await store.settle({ lease, ends: [], verdict: fail, now: start });
      },
    ],
    [
      'a cancel whose call runs to its end, told twice',
      90_000,
      async (store, { lease }) => {
        const end = toCallEnd({ costMicros: 90_000 });
        await store.cancel('org-a', lease.requestId, start);
        await store.cancel('org-a', lease.requestId, start);
        await store.settle({ lease, ends: [end], verdict: succeed, now: start });
        await store.settle({ lease, ends: [end], verdict: succeed, now: start });
      },
    ],
    [
      'a rescue, and the late answer that follows it',
      80_000,
      async (store, { lease }) => {
        await store.rescue({ now: start + leaseMs, limit: 9, decide: () => fail });
        await store.rescue({ now: start + leaseMs, limit: 9, decide: () => fail });
        await store.endCalls(lease, [toCallEnd({ costMicros: 80_000 })]);
        await store.endCalls(lease, [toCallEnd({ costMicros: 80_000 })]);
      },
    ],
    [
      'a deadline, while it waits for another try that the first has cost something',
      10_000,
      async (store, { lease }) => {
        const retry = { kind: 'retry', availableAt: start + 9_000_000, code: 'upstream_timeout' } as const;
        const ends = [toCallEnd({ result: 'failed', costMicros: 10_000 })];
        await store.settle({ lease, ends, verdict: retry, now: start });
        await store.expire({ now: start + 3_600_000, limit: 9, decide: () => fail });
        await store.expire({ now: start + 3_600_000, limit: 9, decide: () => fail });
      },
    ],
  ];

  describe('a reservation', () => {
    it.each(endings)('ends once, and the cost stays, with %s', async (_name, cost, end) => {
      const { store } = test.current;
      await set(9 * price);
      await set(9 * price, { scope: 'key', id: 'key-1', period: 'month' });
      const claim = await beginOne(store);
      expect(await used()).toEqual([price]);
      await end(store, claim);
      expect(await used()).toEqual([cost]);
      expect(await used(start, { scope: 'key', id: 'key-1' })).toEqual([cost]);
    });

    it('stays while the request waits for another try', async () => {
      const { store } = test.current;
      await set(9 * price);
      const { lease } = await beginOne(store);
      const ends = [toCallEnd({ result: 'failed', costMicros: 5 })];
      await store.settle({ lease, ends, verdict: { kind: 'interrupt' }, now: start });
      expect(await used()).toEqual([price + 5]);
    });

    it('returns with a requeue, whether it fits or not, in the window of the requeue', async () => {
      const { store } = test.current;
      await set(price);
      const { lease } = await beginOne(store);
      const ends = [toCallEnd({ result: 'failed', costMicros: 70_000 })];
      await store.settle({ lease, ends, verdict: fail, now: start });
      expect(await used()).toEqual([70_000]);
      await store.requeue([lease.requestId], start);
      expect(await used()).toEqual([price + 70_000]);
      await store.cancel('org-a', lease.requestId, start);
      await store.requeue([lease.requestId], start + dayMs);
      expect(await used()).toEqual([0]);
      expect(await used(start + dayMs)).toEqual([price + 70_000]);
      const again = await claimOne(store, start + dayMs);
      await store.settle({ lease: again.lease, ends: [], verdict: fail, now: start + dayMs });
      expect(await used(start + dayMs)).toEqual([70_000]);
    });
  });
}
