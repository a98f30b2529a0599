import { describe, expect, it } from 'vitest';
import { claimDueDeliveries, claimOne, failureOutcome, start, submitOne } from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

export function describeBacklog(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  describe('the backlog', () => {
    it('is empty at first', async () => {
      expect(await test.current.backlog.read()).toEqual({ lanes: [], failed: [], webhookDueAt: undefined });
    });

    it('has every lane with queued requests, over all organizations, and their oldest', async () => {
      const { store, backlog } = test.current;
      await submitOne(store, { createdAt: start + 7 });
      await submitOne(store, { createdAt: start + 3, organizationId: 'org-b' });
      await submitOne(store, { createdAt: start + 5, model: 'model-2', tier: 'flex' });
      const { lanes } = await backlog.read();
      expect(lanes.toSorted((one, other) => one.lane.localeCompare(other.lane))).toEqual([
        { lane: 'model-1', ready: 2, queued: 2, oldestAt: start + 3 },
        { lane: 'model-2 flex', ready: 1, queued: 1, oldestAt: start + 5 },
      ]);
    });

    it('tells those that wait for a retry from those that are due, and forgets those that are taken', async () => {
      const { store, backlog } = test.current;
      await submitOne(store);
      const { lease } = await claimOne(store);
      expect((await backlog.read()).lanes).toEqual([]);
      const verdict = { kind: 'retry', availableAt: start + 9_000, code: 'upstream_overloaded' } as const;
      await store.settle({ lease, ends: [], verdict, now: start + 1 });
      expect((await backlog.read()).lanes).toEqual([{ lane: 'model-1', ready: 0, queued: 1, oldestAt: start }]);
    });

    it('has the oldest failed request of each code, until it is queued again', async () => {
      const { store, backlog } = test.current;
      const fail = async (now: number) => {
        const { lease } = await claimOne(store);
        await store.settle({ lease, ends: [], verdict: { kind: 'fail', outcome: failureOutcome }, now });
      };
      const first = await submitOne(store);
      await fail(start + 10);
      await submitOne(store);
      await fail(start + 20);
      const { code } = failureOutcome.failure;
      expect((await backlog.read()).failed).toEqual([{ code, endedAt: start + 10 }]);
      await store.requeue([first], start + 30);
      expect((await backlog.read()).failed).toEqual([{ code, endedAt: start + 20 }]);
    });

    it('says when the first delivery is due', async () => {
      const { store, backlog, webhooks } = test.current;
      await submitOne(store, { webhook: { url: 'https://own.example/hook', events: ['request.queued'] } });
      const [delivery] = await claimDueDeliveries(webhooks, { now: start + 5 });
      if (!delivery) throw new Error('There is no delivery.');
      expect(await backlog.read()).toMatchObject({ webhookDueAt: delivery.nextAt });
      await webhooks.endTry(delivery, { kind: 'delivered', tried: { at: start + 6, httpStatus: 200 } });
      expect(await backlog.read()).toMatchObject({ webhookDueAt: undefined });
    });
  });
}
