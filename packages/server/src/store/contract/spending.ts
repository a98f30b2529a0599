import { describe, expect, it } from 'vitest';
import type { UsageQuery } from '../budget-store.ts';
import type { NewRequest } from '../request-store.ts';
import { claimOne, failureOutcome, picture, start, submitOne, successOutcome, toCallEnd } from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

const dayMs = 24 * 3_600_000;
const today = '2025-10-29';
const tomorrow = '2025-10-30';

export function describeSpending(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  const read = (query: Partial<UsageQuery> = {}) =>
    test.current.budgets.usage({ organizationId: 'org-a', from: '2025-01-01', to: '2026-01-01', ...query });

  /** Submits a request and ends it: a picture for `costMicros`, or a failure for nothing. */
  async function develop(changes: Partial<NewRequest> = {}, costMicros = 0): Promise<string> {
    const { store } = test.current;
    const id = await submitOne(store, changes);
    const { lease } = await claimOne(store, changes.createdAt);
    await store.beginCalls(lease, { imageIndexes: [0], now: start });
    const answer = { parts: [{ kind: 'picture', picture: { ...picture, name: `${id}.png` } }] } as const;
    const end = costMicros > 0 ? toCallEnd({ costMicros, answer }) : toCallEnd({ result: 'failed', costMicros });
    const verdict =
      costMicros > 0
        ? ({ kind: 'succeed', outcome: successOutcome } as const)
        : ({ kind: 'fail', outcome: failureOutcome } as const);
    await store.settle({ lease, ends: [end], verdict, now: start });
    return id;
  }

  const nothing = { success: 0, failed: 0, cancelled: 0, pictures: 0, costMicros: 0 };
  const row = { day: today, model: 'model-1', apiKeyId: 'key-1', ...nothing };

  describe('usage', () => {
    it('sums by day, model and key, oldest day first', async () => {
      await develop({ createdAt: start + dayMs, deadlineAt: start + 9 * dayMs }, 7);
      await develop({}, 100);
      await develop({}, 30);
      await develop();
      await develop({ model: 'model-2' }, 5);
      await develop({ apiKeyId: 'key-2' }, 6);
      expect(await read()).toEqual([
        { ...row, success: 2, failed: 1, pictures: 2, costMicros: 130 },
        { ...row, apiKeyId: 'key-2', success: 1, pictures: 1, costMicros: 6 },
        { ...row, model: 'model-2', success: 1, pictures: 1, costMicros: 5 },
        { ...row, day: tomorrow, success: 1, pictures: 1, costMicros: 7 },
      ]);
    });

    it('has the requested days, the first and the last included, of one organization', async () => {
      await develop({}, 1);
      await develop({ createdAt: start + dayMs }, 2);
      await develop({ organizationId: 'org-b' }, 3);
      const costs = async (query: Partial<UsageQuery>) => (await read(query)).map(({ costMicros }) => costMicros);
      expect(await costs({ from: today, to: tomorrow })).toEqual([1, 2]);
      expect(await costs({ from: tomorrow })).toEqual([2]);
      expect(await costs({ to: today })).toEqual([1]);
      expect(await costs({ organizationId: 'org-b' })).toEqual([3]);
      expect(await costs({ organizationId: 'org-c' })).toEqual([]);
    });

    it('leaves out requests that have cost nothing so far, and includes costs before the end', async () => {
      const { store } = test.current;
      await submitOne(store);
      expect(await read()).toEqual([]);
      const { lease } = await claimOne(store);
      await store.beginCalls(lease, { imageIndexes: [0], now: start });
      expect(await read()).toEqual([]);
      await store.endCalls(lease, [toCallEnd({ costMicros: 9 })]);
      expect(await read()).toEqual([{ ...row, costMicros: 9 }]);
    });

    it('counts a cancelled request, and what its call costs after that', async () => {
      const { store } = test.current;
      const id = await submitOne(store);
      const { lease } = await claimOne(store);
      await store.beginCalls(lease, { imageIndexes: [0], now: start });
      await store.cancel('org-a', id, start);
      expect(await read()).toEqual([{ ...row, cancelled: 1 }]);
      await store.endCalls(lease, [toCallEnd({ costMicros: 9 })]);
      expect(await read()).toEqual([{ ...row, cancelled: 1, costMicros: 9 }]);
    });

    it('no longer counts an ending when the request is queued again, and moves its costs to the day of the requeue', async () => {
      const { store } = test.current;
      const id = await develop();
      await store.requeue([id], start);
      expect(await read()).toEqual([]);
      const { lease } = await claimOne(store);
      await store.beginCalls(lease, { imageIndexes: [0], now: start });
      const answer = { parts: [{ kind: 'picture', picture }] } as const;
      const ends = [toCallEnd({ costMicros: 9, answer })];
      await store.settle({ lease, ends, verdict: { kind: 'fail', outcome: failureOutcome }, now: start });
      expect(await read()).toEqual([{ ...row, failed: 1, pictures: 1, costMicros: 9 }]);
      await store.requeue([id], start + dayMs);
      expect(await read()).toEqual([{ ...row, day: tomorrow, pictures: 1, costMicros: 9 }]);
    });
  });
}
