import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../core/image-request.ts';
import {
  beginOne,
  claimMany,
  claimOne,
  failureOutcome,
  order,
  start,
  submitOne,
  successOutcome,
  toCallEnd,
} from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

const now = start + 1_000;
const succeed: Verdict = { kind: 'succeed', outcome: successOutcome };

export function describeCancelling(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  describe('cancel', () => {
    it('ends a queued request, which no worker gets any more', async () => {
      const { store } = test.current;
      const id = await submitOne(store);
      const cancelled = await store.cancel('org-a', id, now);
      expect(cancelled).toMatchObject({ id, status: 'cancelled', outcome: undefined, updatedAt: now });
      expect(await store.find('org-a', id)).toEqual(cancelled);
      expect(await claimMany(store, 9)).toEqual([]);
    });

    it('ends a request that waits for its next try', async () => {
      const { store } = test.current;
      const { lease } = await beginOne(store);
      const verdict = { kind: 'retry', availableAt: now, code: 'upstream_overloaded' } as const;
      await store.settle({ lease, ends: [], verdict, now: start });
      const cancelled = await store.cancel('org-a', lease.requestId, now);
      expect(cancelled).toMatchObject({ status: 'cancelled', retryCode: undefined });
      expect(await claimMany(store, 9, now)).toEqual([]);
    });

    it('ends a processing request at once; its call runs to its end and writes its cost', async () => {
      const { store } = test.current;
      const { lease } = await beginOne(store);
      expect(await store.cancel('org-a', lease.requestId, now)).toMatchObject({ status: 'cancelled' });
      expect(await store.settle({ lease, ends: [toCallEnd()], verdict: succeed, now: now + 1 })).toBe(false);
      const after = await store.find('org-a', lease.requestId);
      expect(after).toMatchObject({ status: 'cancelled', outcome: undefined, costMicros: 134_000 });
      const line = { result: 'succeeded', costMicros: 134_000 };
      expect(await store.attempts('org-a', lease.requestId)).toMatchObject([line]);
    });

    it('lets nothing be sent any more, and removes the calls that were granted for it', async () => {
      const { store } = test.current;
      const id = await submitOne(store, { order: { ...order, images: 2 } });
      const { lease } = await claimOne(store);
      await store.cancel('org-a', id, now);
      expect(await store.beginCalls(lease, { imageIndexes: [0], now })).toBe(false);
      expect(await store.attempts('org-a', id)).toEqual([]);
    });

    it.each([
      ['success', succeed],
      ['failed', { kind: 'fail', outcome: failureOutcome }],
    ] satisfies [string, Verdict][])('does not change a request that has ended with %s', async (_status, verdict) => {
      const { store } = test.current;
      const { lease } = await beginOne(store);
      await store.settle({ lease, ends: [], verdict, now });
      const ended = await store.find('org-a', lease.requestId);
      expect(await store.cancel('org-a', lease.requestId, now + 1)).toEqual(ended);
      expect(await store.find('org-a', lease.requestId)).toEqual(ended);
    });

    it('changes nothing the second time', async () => {
      const { store } = test.current;
      const id = await submitOne(store);
      const cancelled = await store.cancel('org-a', id, now);
      expect(await store.cancel('org-a', id, now + 1)).toEqual(cancelled);
    });

    it("does not touch another organization's request", async () => {
      const { store } = test.current;
      const id = await submitOne(store);
      expect(await store.cancel('org-b', id, now)).toBeUndefined();
      expect((await store.find('org-a', id))?.status).toBe('queued');
    });
  });
}
