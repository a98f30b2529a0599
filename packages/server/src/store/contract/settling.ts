import { describe, expect, it } from 'vitest';
import type { KeptAnswer, Verdict } from '../../core/image-request.ts';
import type { Claim } from '../request-store.ts';
import {
  beginOne,
  claimMany,
  claimOne,
  failureOutcome,
  leaseMs,
  order,
  picture,
  start,
  submitOne,
  successOutcome,
  toCallEnd,
  toClaimQuery,
} from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

const succeed: Verdict = { kind: 'succeed', outcome: successOutcome };
const interrupt: Verdict = { kind: 'interrupt' };
const now = start + 30_000;

export function describeSettling(create: CreateStoreUnderTest): void {
  const test = useStore(create);
  const attempts = (requestId: string) => test.current.store.attempts('org-a', requestId);
  const find = (requestId: string) => test.current.store.find('org-a', requestId);

  describe('a claim that begins its calls', () => {
    const claimBegun = async (ids: readonly string[]) => {
      const begins = ({ request }: Claim) => ids.includes(request.id);
      return (await test.current.store.claim(toClaimQuery({ limit: 4, begins }))).claims;
    };

    it('marks the lines of those claims as sent, and says so in the history, in one write', async () => {
      const { store } = test.current;
      const [first, second] = [
        await submitOne(store, { order: { ...order, images: 2 } }),
        await submitOne(store, { order: { ...order, images: 2 } }),
      ];
      const claims = await claimBegun([first]);
      expect(claims.map(({ request, isBegun }) => [request.id, isBegun])).toEqual([
        [first, true],
        [second, undefined],
      ]);
      expect(await attempts(first)).toMatchObject([{ sentAt: start }, { sentAt: start }]);
      expect(await attempts(second)).toMatchObject([{ sentAt: undefined }, { sentAt: undefined }]);
      const events = await test.current.events.ofRequest('org-a', first, { after: 0, limit: 10 });
      expect(events.map(({ moment }) => moment)).toMatchObject([
        { kind: 'queued' },
        { kind: 'claimed', calls: 2 },
        { kind: 'sent', image: 0 },
        { kind: 'sent', image: 1 },
      ]);
    });

    it('counts them as possibly billed when its worker is lost, and as free when it says that they were not made', async () => {
      const { store } = test.current;
      const ids = [await submitOne(store), await submitOne(store)];
      const [lost, unmade] = await claimBegun(ids);
      if (!lost || !unmade) throw new Error('Both should be claimed.');
      const end = toCallEnd({ result: 'interrupted', costMicros: 0 });
      await store.settle({ lease: unmade.lease, ends: [end], verdict: interrupt, now });
      await store.rescue({ now: start + leaseMs, limit: 2, decide: () => interrupt });
      expect(await attempts(lost.request.id)).toMatchObject([{ result: 'lost', isPossiblyBilled: true }]);
      expect(await attempts(unmade.request.id)).toMatchObject([{ result: 'interrupted', isPossiblyBilled: false }]);
    });
  });

  describe('beginCalls', () => {
    it('marks the line of each call before anything is sent', async () => {
      const { lease } = await beginOne(test.current.store, [0, 1]);
      const line = {
        requestId: lease.requestId,
        number: 1,
        worker: 'worker-1',
        upstream: 'upstream-1',
        startedAt: start,
        sentAt: start,
        endedAt: undefined,
        result: undefined,
        costMicros: 0,
        isPossiblyBilled: false,
        failure: undefined,
        answer: undefined,
        usage: undefined,
        modelVersion: undefined,
        responseId: undefined,
      };
      expect(await attempts(lease.requestId)).toEqual([
        { ...line, imageIndex: 0 },
        { ...line, imageIndex: 1 },
      ]);
    });

    it('writes nothing once the lease is no longer held', async () => {
      const { store } = test.current;
      await submitOne(store);
      const { lease } = await claimOne(store);
      await store.settle({ lease, ends: [], verdict: interrupt, now });
      expect(await store.beginCalls(lease, { imageIndexes: [0], now })).toBe(false);
      await claimOne(store, now);
      expect(await store.beginCalls(lease, { imageIndexes: [0], now })).toBe(false);
      expect(await attempts(lease.requestId)).toMatchObject([{ number: 2, sentAt: undefined }]);
    });

    it('sends nothing for an image that a late answer has brought after the claim', async () => {
      const { store } = test.current;
      const first = await beginOne(store);
      await store.rescue({ now: start + leaseMs, limit: 1, decide: () => interrupt });
      const second = await claimOne(store, start + leaseMs);
      await store.endCalls(first.lease, [toCallEnd({ answer: { parts: [{ kind: 'picture', picture }] } })]);
      expect(await store.beginCalls(second.lease, { imageIndexes: [0], now: start + leaseMs })).toBe(false);
      expect(await attempts(first.lease.requestId)).toMatchObject([{ result: 'succeeded' }, { sentAt: undefined }]);
    });

    it('refuses a call that was sent already, even when it has been answered, whichever attempt it belongs to', async () => {
      const { store } = test.current;
      const first = await beginOne(store);
      const again = { imageIndexes: [0], now };
      await store.settle({ lease: first.lease, ends: [], verdict: interrupt, now });
      const second = await claimOne(store, now);
      await store.beginCalls(second.lease, again);
      await store.endCalls(second.lease, [toCallEnd({ answer: { parts: [{ kind: 'picture', picture }] } })]);
      await expect(store.beginCalls(second.lease, again)).rejects.toThrow();
    });

    it.each([
      ['was sent already', [0, 1]],
      ['was not granted', [0, 2]],
    ])('refuses a call that %s, and keeps nothing of the write', async (_what, imageIndexes) => {
      const { store } = test.current;
      const { lease } = await beginOne(store, [1]);
      await expect(store.beginCalls(lease, { imageIndexes, now })).rejects.toThrow();
      expect(await attempts(lease.requestId)).toMatchObject([{ sentAt: undefined }, { sentAt: start }]);
    });
  });

  describe('endCalls', () => {
    it('keeps everything that the end of a call reports, and adds its cost to the request', async () => {
      const { lease } = await beginOne(test.current.store, [0, 1]);
      const usage = { promptTokens: 9, imageTokens: 1120, textTokens: 12, thoughtTokens: 80, totalTokens: 1221 };
      const answer: KeptAnswer = {
        parts: [
          { kind: 'text', text: 'Here.', signatureKey: 'signatures/Zk/1' },
          { kind: 'picture', picture },
        ],
      };
      const succeeded = toCallEnd({ answer, usage, modelVersion: 'upstream-model-1', responseId: 'r-1' });
      const { failure } = failureOutcome;
      const failed = toCallEnd({ imageIndex: 1, result: 'failed', costMicros: 6, isPossiblyBilled: true, failure });
      await test.current.store.endCalls(lease, [succeeded, failed]);
      expect(await attempts(lease.requestId)).toMatchObject([succeeded, failed]);
      expect(await find(lease.requestId)).toMatchObject({ status: 'processing', costMicros: 134_006 });
    });

    it("finds the answer that brought a picture, only for the picture's own organization", async () => {
      const { store } = test.current;
      const { lease } = await beginOne(store);
      const answer: KeptAnswer = { parts: [{ kind: 'picture', picture }], leftOutTurns: [0, 1] };
      await store.endCalls(lease, [toCallEnd({ answer })]);
      expect(await store.findAnswer('org-a', picture.name)).toEqual(answer);
      expect(await store.findAnswer('org-b', picture.name)).toBeUndefined();
      expect(await store.findAnswer('org-a', 'another.png')).toBeUndefined();
    });

    it('counts an end once that is reported twice', async () => {
      const { store } = test.current;
      const { lease } = await beginOne(store);
      await store.endCalls(lease, [toCallEnd()]);
      await store.endCalls(lease, [toCallEnd({ result: 'failed', costMicros: 1 })]);
      await store.settle({ lease, ends: [toCallEnd()], verdict: succeed, now });
      expect(await attempts(lease.requestId)).toMatchObject([{ result: 'succeeded', costMicros: 134_000 }]);
      expect((await find(lease.requestId))?.costMicros).toBe(134_000);
    });

    it('lets a late answer correct a line that was given up as lost, whichever attempt holds the request now', async () => {
      const { store } = test.current;
      const { lease } = await beginOne(store);
      await store.rescue({ now: start + leaseMs, limit: 1, decide: () => interrupt });
      await claimOne(store, start + leaseMs);
      await store.endCalls(lease, [toCallEnd()]);
      const corrected = { result: 'succeeded', costMicros: 134_000, isPossiblyBilled: false };
      expect(await attempts(lease.requestId)).toMatchObject([corrected, { number: 2, result: undefined }]);
      expect(await find(lease.requestId)).toMatchObject({ status: 'processing', attempt: 2, costMicros: 134_000 });
    });

    it('writes nothing for a lease that was never given', async () => {
      const { store } = test.current;
      const { lease } = await beginOne(store);
      await store.endCalls({ ...lease, token: 'forged' }, [toCallEnd()]);
      expect(await attempts(lease.requestId)).toMatchObject([{ result: undefined, costMicros: 0 }]);
      expect((await find(lease.requestId))?.costMicros).toBe(0);
    });
  });

  describe('settle', () => {
    it.each([
      [succeed, { status: 'success', outcome: successOutcome }],
      [
        { kind: 'fail', outcome: failureOutcome },
        { status: 'failed', outcome: failureOutcome },
      ],
      [
        { kind: 'retry', availableAt: now + 5_000, code: 'upstream_overloaded' },
        { status: 'queued', availableAt: now + 5_000, retryCode: 'upstream_overloaded', outcome: undefined },
      ],
      [interrupt, { status: 'queued', availableAt: now, retryCode: undefined, outcome: undefined }],
    ] satisfies [Verdict, object][])('writes the verdict %j with the ends of the calls', async (verdict, expected) => {
      const { store } = test.current;
      const { lease } = await beginOne(store);
      expect(await store.settle({ lease, ends: [toCallEnd()], verdict, now })).toBe(true);
      expect(await find(lease.requestId)).toMatchObject({
        ...expected,
        attempt: 1,
        costMicros: 134_000,
        updatedAt: now,
      });
      expect(await attempts(lease.requestId)).toMatchObject([{ result: 'succeeded' }]);
    });

    it('shows the reason of a retry until the request moves on', async () => {
      const { store } = test.current;
      const { lease } = await beginOne(store);
      await store.settle({ lease, ends: [], verdict: { kind: 'retry', availableAt: now, code: 'no_image' }, now });
      expect((await find(lease.requestId))?.retryCode).toBe('no_image');
      expect((await claimOne(store, now)).request.retryCode).toBeUndefined();
      expect((await find(lease.requestId))?.retryCode).toBeUndefined();
    });

    it('leaves no trace of calls that were granted and never sent, unless they failed before', async () => {
      const { store } = test.current;
      await submitOne(store, { order: { ...order, images: 3 } });
      const [claim] = await claimMany(store, 3);
      if (!claim) throw new Error('There should be a claim.');
      const { lease } = claim;
      const { failure } = failureOutcome;
      const failed = toCallEnd({ imageIndex: 1, result: 'failed', costMicros: 0, failure });
      const givenBack = toCallEnd({ imageIndex: 2, result: 'interrupted', costMicros: 0 });
      await store.settle({ lease, ends: [failed, givenBack], verdict: interrupt, now });
      expect(await attempts(lease.requestId)).toMatchObject([{ imageIndex: 1, result: 'failed', sentAt: undefined }]);
    });

    it('gives a request back at once when its retry is already due', async () => {
      const { store } = test.current;
      const { lease } = await beginOne(store);
      const verdict = { kind: 'retry', availableAt: now, code: 'no_image' } as const;
      await store.settle({ lease, ends: [], verdict, now });
      expect((await claimOne(store, now)).request.id).toBe(lease.requestId);
    });

    it('accepts one verdict for each attempt: the second changes nothing', async () => {
      const { store } = test.current;
      const { lease } = await beginOne(store);
      await store.settle({ lease, ends: [], verdict: succeed, now });
      const settled = await find(lease.requestId);
      const fail = { kind: 'fail', outcome: failureOutcome } as const;
      expect(await store.settle({ lease, ends: [], verdict: fail, now: now + 1 })).toBe(false);
      expect(await find(lease.requestId)).toEqual(settled);
    });

    it("refuses a late worker's verdict by its lease, and keeps what its calls have cost", async () => {
      const { store } = test.current;
      const { lease } = await beginOne(store);
      await store.rescue({ now: start + leaseMs, limit: 1, decide: () => interrupt });
      const second = await claimOne(store, start + leaseMs);
      expect(await store.settle({ lease, ends: [toCallEnd()], verdict: succeed, now })).toBe(false);
      expect(await find(lease.requestId)).toEqual({ ...second.request, costMicros: 134_000 });
      const line = { number: 1, result: 'succeeded', costMicros: 134_000 };
      expect(await attempts(lease.requestId)).toMatchObject([line, { number: 2 }]);
    });

    it('lets a lease that has run out settle until the request has been rescued', async () => {
      const { store } = test.current;
      const { lease } = await beginOne(store);
      expect(await store.settle({ lease, ends: [], verdict: succeed, now: start + 9 * leaseMs })).toBe(true);
      expect(await store.rescue({ now: start + 9 * leaseMs, limit: 1, decide: () => interrupt })).toEqual([]);
    });

    it.each([
      [interrupt, 'interrupted'],
      [succeed, 'lost'],
    ] satisfies [Verdict, string][])(
      'with %j ends the lines still under way as possibly billed: %s',
      async (verdict, result) => {
        const { store } = test.current;
        const { lease } = await beginOne(store, [0, 1]);
        await store.settle({ lease, ends: [toCallEnd({ imageIndex: 1 })], verdict, now });
        expect(await attempts(lease.requestId)).toMatchObject([
          { imageIndex: 0, result, endedAt: now, isPossiblyBilled: true, costMicros: 0 },
          { imageIndex: 1, result: 'succeeded', isPossiblyBilled: false },
        ]);
      },
    );
  });
}
