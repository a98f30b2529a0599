import { describe, expect, it } from 'vitest';
import type { KeptAnswer, Verdict } from '../../core/image-request.ts';
import { decideVerdict } from '../../core/verdict.ts';
import type { RequestStore } from '../request-store.ts';
import {
  beginOne,
  claimMany,
  claimOne,
  failureOutcome,
  picture,
  start,
  submitOne,
  successOutcome,
  toCallEnd,
} from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

const now = start + 600_000;
const fail: Verdict = { kind: 'fail', outcome: failureOutcome };

async function failOne(store: RequestStore): Promise<string> {
  const { lease } = await beginOne(store);
  const ends = [toCallEnd({ result: 'failed', costMicros: 7, failure: failureOutcome.failure })];
  await store.settle({ lease, ends, verdict: fail, now: start });
  return lease.requestId;
}

export function describeRequeueing(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  describe('requeue', () => {
    it('queues a failed request, due at once, with the same time to its deadline and without its outcome', async () => {
      const { store } = test.current;
      const id = await failOne(store);
      const before = await store.find('org-a', id);
      const requeued = await store.requeue([id], now);
      const times = { availableAt: now, queuedAt: now, updatedAt: now, deadlineAt: now + 3_600_000 };
      expect(requeued).toEqual([{ ...before, ...times, status: 'queued', outcome: undefined }]);
      expect(requeued).toEqual([await store.find('org-a', id)]);
      expect((await claimOne(store, now)).lease).toMatchObject({ requestId: id, attempt: 2 });
    });

    it('queues a cancelled request', async () => {
      const { store } = test.current;
      const id = await submitOne(store);
      await store.cancel('org-a', id, start);
      expect(await store.requeue([id], now)).toMatchObject([{ id, status: 'queued' }]);
      expect((await claimOne(store, now)).request.id).toBe(id);
    });

    it('forgives earlier failures and keeps the pictures', async () => {
      const { store } = test.current;
      const { lease } = await beginOne(store, [0, 1]);
      const answer: KeptAnswer = { parts: [{ kind: 'picture', picture }] };
      const { failure } = failureOutcome;
      const ends = [toCallEnd({ answer }), toCallEnd({ imageIndex: 1, result: 'failed', costMicros: 0, failure })];
      await store.settle({ lease, ends, verdict: fail, now: start });
      await store.requeue([lease.requestId], now);
      const claim = await claimOne(store, now);
      expect(claim.imageIndexes).toEqual([1]);
      const policy = { lostAnswerRetries: 0, places: 1 };
      const verdict = decideVerdict(claim, { policy, now, chance: () => 0 });
      expect(verdict).toEqual({ kind: 'interrupt' });
      expect(await store.findAnswer('org-a', picture.name)).toEqual(answer);
    });

    it('queues the requests that can be queued, and says which', async () => {
      const { store } = test.current;
      const failed = [await failOne(store), await failOne(store)];
      const { lease } = await beginOne(store);
      await store.settle({ lease, ends: [], verdict: { kind: 'succeed', outcome: successOutcome }, now: start });
      const processing = await beginOne(store);
      const queued = await submitOne(store);
      const ids = [...failed, lease.requestId, processing.request.id, queued, 'another'];
      expect((await store.requeue(ids, now)).map(({ id }) => id)).toEqual(failed);
      expect(await store.requeue(failed, now)).toEqual([]);
      expect((await store.find('org-a', lease.requestId))?.status).toBe('success');
      expect(await claimMany(store, 9, now)).toHaveLength(3);
    });

    it('still refuses the late verdict of the attempt that was cancelled', async () => {
      const { store } = test.current;
      const { lease } = await beginOne(store);
      await store.cancel('org-a', lease.requestId, start);
      await store.requeue([lease.requestId], now);
      const second = await claimOne(store, now);
      expect(await store.settle({ lease, ends: [toCallEnd()], verdict: fail, now })).toBe(false);
      expect(await store.find('org-a', lease.requestId)).toEqual({ ...second.request, costMicros: 134_000 });
    });
  });
}
