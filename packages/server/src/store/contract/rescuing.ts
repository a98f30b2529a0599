import { describe, expect, it } from 'vitest';
import type { KeptAnswer, Verdict } from '../../core/image-request.ts';
import type { ExpiredClaim, SeenLease } from '../request-store.ts';
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
  toNewRequest,
} from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

const interrupt = (): Verdict => ({ kind: 'interrupt' });
const later = start + leaseMs;

export function describeRescuing(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  describe('rescue', () => {
    it('takes only requests whose lease has run out', async () => {
      const { store } = test.current;
      const { lease } = await beginOne(store);
      await submitOne(store);
      expect(await store.rescue({ now: later - 1, limit: 9, decide: interrupt })).toEqual([]);
      const rescued = await store.rescue({ now: later, limit: 9, decide: interrupt });
      expect(rescued.map((request) => request.id)).toEqual([lease.requestId]);
    });

    it('ends the calls under way as lost and passes the whole log to the verdict', async () => {
      const { store } = test.current;
      const { lease } = await beginOne(store, [0, 1]);
      await store.endCalls(lease, [toCallEnd()]);
      let told: unknown;
      const decide = (expired: ExpiredClaim) => {
        told = expired;
        return interrupt();
      };
      await store.rescue({ now: later, limit: 9, decide });
      const log = await store.attempts('org-a', lease.requestId);
      expect(log).toMatchObject([
        { imageIndex: 0, result: 'succeeded' },
        { imageIndex: 1, result: 'lost', endedAt: later, isPossiblyBilled: true },
      ]);
      expect(told).toMatchObject({
        request: { id: lease.requestId, status: 'processing', attempt: 1 },
        order: { ...order, images: 2 },
        attempts: log,
      });
    });

    it('removes the calls that were granted and never sent', async () => {
      const { store } = test.current;
      const id = await submitOne(store);
      await claimOne(store);
      await store.rescue({ now: later, limit: 9, decide: interrupt });
      expect(await store.attempts('org-a', id)).toEqual([]);
    });

    it('ends the call of a cancelled request as lost once its worker is dead', async () => {
      const { store } = test.current;
      const { lease } = await beginOne(store);
      await store.cancel('org-a', lease.requestId, start + 1);
      expect(await store.rescue({ now: later - 1, limit: 9, decide: interrupt })).toEqual([]);
      expect(await store.attempts('org-a', lease.requestId)).toMatchObject([{ result: undefined }]);
      expect(await store.rescue({ now: later, limit: 9, decide: interrupt })).toEqual([]);
      const lost = { result: 'lost', endedAt: later, isPossiblyBilled: true };
      expect(await store.attempts('org-a', lease.requestId)).toMatchObject([lost]);
      expect((await store.find('org-a', lease.requestId))?.status).toBe('cancelled');
    });

    it.each([
      [interrupt(), { status: 'queued', availableAt: later }],
      [
        { kind: 'retry', availableAt: later + 9, code: 'upstream_answer_lost' },
        { status: 'queued', availableAt: later + 9 },
      ],
      [
        { kind: 'fail', outcome: failureOutcome },
        { status: 'failed', outcome: failureOutcome },
      ],
    ] satisfies [Verdict, object][])(
      'applies the verdict %j and returns the request as it is afterwards',
      async (verdict, expected) => {
        const { store } = test.current;
        const { lease } = await beginOne(store);
        const rescued = await store.rescue({ now: later, limit: 1, decide: () => verdict });
        expect(rescued).toMatchObject([{ ...expected, updatedAt: later }]);
        expect(rescued).toEqual([await store.find('org-a', lease.requestId)]);
      },
    );

    it('takes no more than its limit', async () => {
      const { store } = test.current;
      await Promise.all(Array.from({ length: 5 }, () => submitOne(store)));
      await claimMany(store, 5);
      const sizes: number[] = [];
      for (let i = 0; i < 4; i++) sizes.push((await store.rescue({ now: later, limit: 2, decide: interrupt })).length);
      expect(sizes).toEqual([2, 2, 1, 0]);
    });

    it('takes only what the watch calls lost, and shows it leases that run out soon', async () => {
      const { store } = test.current;
      const kept = await beginOne(store);
      const lost = await beginOne(store);
      const seen = new Map<string, number>();
      const watch = {
        aheadMs: 1_000,
        isLost: ({ token, expiresAt }: SeenLease) => {
          seen.set(token, expiresAt);
          return token === lost.lease.token;
        },
      };
      const query = { limit: 9, decide: interrupt, watch };
      expect(await store.rescue({ ...query, now: later - 1_001 })).toEqual([]);
      expect(seen.size).toBe(0);
      const rescued = await store.rescue({ ...query, now: later - 1_000 });
      expect(rescued.map(({ id }) => id)).toEqual([lost.request.id]);
      expect(seen).toEqual(
        new Map([
          [kept.lease.token, later],
          [lost.lease.token, later],
        ]),
      );
      expect(await store.renew([kept.lease], { now: later, leaseMs })).toEqual([]);
    });

    it('ends no call of a cancelled request whose worker the watch does not call lost', async () => {
      const { store } = test.current;
      const { lease } = await beginOne(store);
      await store.cancel('org-a', lease.requestId, start + 1);
      const query = { now: later, limit: 9, decide: interrupt };
      await store.rescue({ ...query, watch: { aheadMs: 0, isLost: () => false } });
      expect(await store.attempts('org-a', lease.requestId)).toMatchObject([{ result: undefined }]);
      await store.rescue({ ...query, watch: { aheadMs: 0, isLost: () => true } });
      expect(await store.attempts('org-a', lease.requestId)).toMatchObject([{ result: 'lost' }]);
    });

    it('keeps nothing when the verdict throws', async () => {
      const { store } = test.current;
      const { lease } = await beginOne(store);
      const decide = () => {
        throw new Error('no verdict');
      };
      await expect(store.rescue({ now: later, limit: 9, decide })).rejects.toThrow('no verdict');
      expect(await store.attempts('org-a', lease.requestId)).toMatchObject([{ result: undefined }]);
      expect(await store.renew([lease], { now: later, leaseMs })).toEqual([]);
    });

    it('gives each lost request to one rescuer only', async () => {
      const { store } = test.current;
      const other = (await test.current.connect()).store;
      await Promise.all(Array.from({ length: 20 }, () => submitOne(store)));
      await claimMany(store, 20);
      const query = { now: later, limit: 20, decide: interrupt };
      const rescued = (await Promise.all([store.rescue(query), other.rescue(query), store.rescue(query)])).flat();
      expect(rescued).toHaveLength(20);
      expect(new Set(rescued.map((request) => request.id)).size).toBe(20);
    });
  });

  describe('expire', () => {
    const deadlineAt = start + 1_000;
    const decide = (): Verdict => ({ kind: 'fail', outcome: failureOutcome });

    it('ends requests whose deadline is over, queued or processing, and no others', async () => {
      const { store } = test.current;
      const processing = await submitOne(store, { deadlineAt, priority: 1 });
      await claimOne(store);
      const over = await submitOne(store, { deadlineAt });
      const queued = await submitOne(store);
      expect(await store.expire({ now: deadlineAt - 1, limit: 9, decide })).toEqual([]);
      const expired = await store.expire({ now: deadlineAt, limit: 9, decide });
      expect(new Set(expired.map(({ id }) => id))).toEqual(new Set([processing, over]));
      for (const request of expired) {
        expect(request).toMatchObject({ status: 'failed', outcome: failureOutcome, updatedAt: deadlineAt });
        expect(request).toEqual(await store.find('org-a', request.id));
      }
      expect((await store.find('org-a', queued))?.status).toBe('queued');
      expect((await claimMany(store, 9, deadlineAt)).map((claim) => claim.request.id)).toEqual([queued]);
    });

    it('lets a call under way run to its end: its cost and its picture are in the log, and a requeue uses them', async () => {
      const { store } = test.current;
      const { lease, request } = await beginOne(store);
      const now = request.deadlineAt;
      let told: unknown;
      const tell = (over: ExpiredClaim): Verdict => {
        told = over;
        return decide();
      };
      await store.expire({ now, limit: 9, decide: tell });
      expect(told).toMatchObject({ request: { status: 'processing' }, attempts: [{ result: undefined }] });
      expect(await store.attempts('org-a', request.id)).toMatchObject([{ result: undefined }]);
      expect(await store.renew([lease], { now, leaseMs })).toEqual([lease]);
      const end = toCallEnd({ answer: { parts: [{ kind: 'picture', picture }] }, endedAt: now + 9 });
      const verdict: Verdict = { kind: 'succeed', outcome: successOutcome };
      expect(await store.settle({ lease, ends: [end], verdict, now: now + 9 })).toBe(false);
      expect(await store.find('org-a', request.id)).toMatchObject({ status: 'failed', costMicros: 134_000 });
      expect(await store.attempts('org-a', request.id)).toMatchObject([{ result: 'succeeded', answer: end.answer }]);
      expect(await store.findAnswer('org-a', picture.name)).toEqual(end.answer);
      await store.requeue([request.id], now + 10);
      expect(await claimOne(store, now + 10)).toMatchObject({ request: { id: request.id }, imageIndexes: [] });
    });

    it('lets nothing be sent any more, and removes the calls that were granted', async () => {
      const { store } = test.current;
      const id = await submitOne(store, { deadlineAt, order: { ...order, images: 2 } });
      const { lease } = await claimOne(store);
      await store.expire({ now: deadlineAt, limit: 9, decide });
      expect(await store.beginCalls(lease, { imageIndexes: [0], now: deadlineAt })).toBe(false);
      expect(await store.attempts('org-a', id)).toEqual([]);
    });

    it('lets a request under way succeed with the pictures that came in time', async () => {
      const { store } = test.current;
      const { lease, request } = await beginOne(store, [0, 1]);
      await store.endCalls(lease, [toCallEnd({ answer: { parts: [{ kind: 'picture', picture }] } })]);
      const salvage = (): Verdict => ({ kind: 'succeed', outcome: successOutcome });
      const [ended] = await store.expire({ now: request.deadlineAt, limit: 9, decide: salvage });
      expect(ended).toMatchObject({ id: request.id, status: 'success', outcome: successOutcome });
    });

    it('passes the verdict the whole log of a request that waits for its next try, and lets it succeed', async () => {
      const { store } = test.current;
      const { lease, request } = await beginOne(store, [0, 1]);
      const answer: KeptAnswer = { parts: [{ kind: 'picture', picture }] };
      const verdict = { kind: 'retry', availableAt: request.deadlineAt + 9, code: 'upstream_overloaded' } as const;
      await store.settle({ lease, ends: [toCallEnd({ answer })], verdict, now: start });
      let told: unknown;
      const salvage = (over: ExpiredClaim): Verdict => {
        told = over;
        return { kind: 'succeed', outcome: successOutcome };
      };
      const [ended] = await store.expire({ now: request.deadlineAt, limit: 9, decide: salvage });
      expect(ended).toMatchObject({ status: 'success', outcome: successOutcome, retryCode: undefined });
      const attempts = await store.attempts('org-a', request.id);
      expect(told).toMatchObject({ request: { id: request.id, status: 'queued' }, order: { images: 2 }, attempts });
    });

    it.each([
      ['throws', () => fail('no verdict')],
      ['would queue it again', interrupt],
    ])('keeps nothing when the verdict %s', async (_what, verdict) => {
      const { store } = test.current;
      const id = await submitOne(store, { deadlineAt });
      await expect(store.expire({ now: deadlineAt, limit: 9, decide: verdict })).rejects.toThrow();
      expect((await store.find('org-a', id))?.status).toBe('queued');
    });

    it('takes no more than its limit', async () => {
      const { store } = test.current;
      await Promise.all(Array.from({ length: 3 }, () => store.submit(toNewRequest({ deadlineAt }))));
      const sizes: number[] = [];
      for (let i = 0; i < 3; i++) sizes.push((await store.expire({ now: deadlineAt, limit: 2, decide })).length);
      expect(sizes).toEqual([2, 1, 0]);
    });
  });
}

function fail(message: string): never {
  throw new Error(message);
}
