import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../core/image-request.ts';
import { beginOne, claimOne, failureOutcome, start, submitOne, successOutcome, toCallEnd } from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

const minuteMs = 60_000;
/** `start` is the 1st second of its minute. */
const first = start - 1_000;
const succeed: Verdict = { kind: 'succeed', outcome: successOutcome };
const fail: Verdict = { kind: 'fail', outcome: failureOutcome };
const nothing = { success: 0, failed: 0, cancelled: 0 };

export function describeEndedMinutes(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  /** Submits a request and lets its only attempt end with the verdict at `now`. */
  async function end(verdict: Verdict, now: number): Promise<void> {
    const { store } = test.current;
    const { lease } = await beginOne(store);
    await store.settle({ lease, ends: [toCallEnd()], verdict, now });
  }

  const read = (since = 0) => test.current.events.endedMinutes(since);

  describe('the minutes in which requests ended', () => {
    it('count each by its status, in the minute of its end, over all organizations', async () => {
      const { store } = test.current;
      await end(succeed, start);
      await end(fail, first + minuteMs - 1);
      await end(succeed, first + 5 * minuteMs);
      await store.cancel('org-b', await submitOne(store, { organizationId: 'org-b' }), start);
      expect(await read()).toEqual([
        { at: first, success: 1, failed: 1, cancelled: 1 },
        { ...nothing, at: first + 5 * minuteMs, success: 1 },
      ]);
    });

    it('count ends without a worker: deadlines, and verdicts of a rescue', async () => {
      const { store } = test.current;
      await submitOne(store);
      await store.expire({ now: start + 3_600_000, limit: 1, decide: () => fail });
      await submitOne(store);
      const { lease } = await claimOne(store);
      await store.beginCalls(lease, { imageIndexes: [0], now: start });
      await store.rescue({ now: start + 3_600_000, limit: 1, decide: () => fail });
      expect(await read()).toEqual([{ ...nothing, at: first + 3_600_000, failed: 2 }]);
    });

    it('count nothing that continues: a claim, a retry, an answer that comes after the end', async () => {
      const { store } = test.current;
      const { lease } = await beginOne(store);
      const retry = { kind: 'retry', availableAt: start, code: 'upstream_overloaded' } as const;
      await store.settle({ lease, ends: [toCallEnd({ result: 'failed' })], verdict: retry, now: start });
      expect(await read()).toEqual([]);
      const again = await claimOne(store);
      await store.cancel('org-a', lease.requestId, start);
      await store.cancel('org-a', lease.requestId, start);
      expect(await store.settle({ lease: again.lease, ends: [], verdict: succeed, now: start })).toBe(false);
      expect(await read()).toEqual([{ ...nothing, at: first, cancelled: 1 }]);
    });

    it('keep the end of a request that is queued again, and count its next one', async () => {
      const { store } = test.current;
      const { lease } = await beginOne(store);
      await store.settle({ lease, ends: [toCallEnd({ result: 'failed' })], verdict: fail, now: start });
      await store.requeue([lease.requestId], start);
      const again = await claimOne(store);
      await store.beginCalls(again.lease, { imageIndexes: [0], now: start });
      await store.settle({ lease: again.lease, ends: [toCallEnd()], verdict: succeed, now: start });
      expect(await read()).toEqual([{ ...nothing, at: first, success: 1, failed: 1 }]);
    });

    it('are read from the requested minute on, and kept for an hour at least', async () => {
      await end(succeed, first - 1);
      await end(succeed, first);
      await end(succeed, first + 60 * minuteMs);
      const minutesOf = async (since: number) => (await read(since)).map(({ at }) => at);
      expect(await minutesOf(0)).toEqual([first - minuteMs, first, first + 60 * minuteMs]);
      expect(await minutesOf(start)).toEqual([first, first + 60 * minuteMs]);
      expect(await minutesOf(first + minuteMs)).toEqual([first + 60 * minuteMs]);
    });

    it('of long ago are removed', async () => {
      await end(succeed, start);
      await end(succeed, start + 3 * 3_600_000);
      expect(await read()).toHaveLength(1);
    });

    it('lose nothing when connections end requests at the same time', async () => {
      const others = [test.current, await test.current.connect(), await test.current.connect()];
      const cancelTen = async ({ store }: (typeof others)[number]) => {
        for (let count = 0; count < 10; count += 1) await store.cancel('org-a', await submitOne(store), start);
      };
      await Promise.all(others.map(cancelTen));
      expect(await read()).toEqual([{ ...nothing, at: first, cancelled: 30 }]);
    });
  });
}
