import { describe, expect, it } from 'vitest';
import { openCallMs, rejoinMs } from '../open-call-store.ts';
import type { NewRequest, SubmitResult } from '../request-store.ts';
import { claimOne, failureOutcome, start, submitOne, successOutcome, toNewRequest } from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

const call = { hash: 'aa', isRetry: false };
const retry = { hash: 'aa', isRetry: true };
const key = { organizationId: 'org-a', apiKeyId: 'key-1' };

export function describeOpenCalls(create: CreateStoreUnderTest): void {
  const test = useStore(create);
  const submit = (changes: Partial<NewRequest> = {}) => test.current.store.submit(toNewRequest({ call, ...changes }));
  const join = async (given = call, now = start) =>
    (await test.current.openCalls.join({ ...key, ...given }, now))?.request.id;
  const toId = (result: SubmitResult) => ('request' in result ? result.request.id : result.kind);
  const left = async (changes: Partial<NewRequest> = {}): Promise<string> => {
    const id = await submitOne(test.current.store, { call, ...changes });
    await test.current.openCalls.leave(id, start);
    return id;
  };

  describe('an open call', () => {
    it('is not joined while its client waits, except by a retry', async () => {
      const id = await submitOne(test.current.store, { call });
      expect(await join()).toBeUndefined();
      expect(await join(retry)).toBe(id);
      const second = await submit();
      expect(second).toMatchObject({ kind: 'submitted' });
      expect(await submit({ call: retry })).toMatchObject({ kind: 'replayed', request: { id: toId(second) } });
    });

    it('that was left is joined by the same call of the same key and organization, once', async () => {
      const { store, openCalls } = test.current;
      const id = await left();
      expect(await join({ ...call, hash: 'bb' })).toBeUndefined();
      for (const other of [{ apiKeyId: 'key-2' }, { organizationId: 'org-b' }])
        expect(await openCalls.join({ ...call, ...key, ...other }, start)).toBeUndefined();
      expect(await openCalls.join({ ...call, ...key }, start)).toEqual({
        kind: 'replayed',
        request: await store.find('org-a', id),
      });
      expect(await join()).toBeUndefined();
      await openCalls.leave(id, start);
      expect(await submit()).toMatchObject({ kind: 'replayed', request: { id } });
      expect(await submit()).toMatchObject({ kind: 'submitted' });
    });

    it('that was left is joined by one of many calls at the same time, whichever process they reach', async () => {
      const id = await left();
      const others = await test.current.connect();
      const stores = Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? test.current : others));
      const joined = await Promise.all(stores.map(({ openCalls }) => openCalls.join({ ...call, ...key }, start)));
      expect(joined.flatMap((one) => one?.request.id ?? [])).toEqual([id]);
    });

    it('lets each of several calls join another of the requests that were left, the newest first', async () => {
      const { store, openCalls } = test.current;
      const ids = [await submitOne(store, { call }), await submitOne(store, { call, createdAt: start + 1 })];
      for (const id of ids) await openCalls.leave(id, start + 1);
      expect([await join(), await join(), await join()]).toEqual([...ids.toReversed(), undefined]);
    });

    it('is left only when its last client has gone', async () => {
      const { openCalls } = test.current;
      const id = await submitOne(test.current.store, { call });
      expect(await join(retry)).toBe(id);
      await openCalls.leave(id, start);
      expect(await join()).toBeUndefined();
      await openCalls.leave(id, start);
      expect(await join()).toBe(id);
    });

    it('is over when a client has its answer', async () => {
      const id = await left();
      await test.current.openCalls.end(id);
      await test.current.openCalls.end(id);
      await test.current.openCalls.leave(id, start);
      expect(await join(retry)).toBeUndefined();
    });

    it('is joined when its request has succeeded, and not when it has failed or was cancelled', async () => {
      const { store } = test.current;
      const id = await left();
      const { lease } = await claimOne(store);
      expect(await join()).toBe(id);
      await store.settle({ lease, ends: [], verdict: { kind: 'succeed', outcome: successOutcome }, now: start });
      expect(await submit({ call: retry })).toMatchObject({ kind: 'replayed', request: { id, status: 'success' } });
      await test.current.openCalls.end(id);

      await left();
      const failed = await claimOne(store);
      const fail = { kind: 'fail', outcome: failureOutcome } as const;
      await store.settle({ lease: failed.lease, ends: [], verdict: fail, now: start });
      await store.cancel('org-a', await left(), start);
      expect([await join(), await join(retry)]).toEqual([undefined, undefined]);
    });

    it('is joined for an hour after it was left, and by a retry as long as it counts', async () => {
      const id = await left();
      expect(await join(call, start + rejoinMs)).toBeUndefined();
      const other = await left();
      expect(await join(call, start + rejoinMs - 1)).toBe(other);
      expect(await join(retry, start + openCallMs)).toBeUndefined();
      expect(await join(retry, start + openCallMs - 1)).toBe(other);
      expect(id).not.toBe(other);
    });

    it('is not kept by a submit that is refused, or that is no such call', async () => {
      expect(await submit({ maxQueued: 0 })).toMatchObject({ kind: 'queue-full' });
      const { call: _call, ...request } = toNewRequest();
      await test.current.store.submit(request);
      expect(await join(retry)).toBeUndefined();
    });

    it('counts less than an idempotency key', async () => {
      const idempotency = { key: 'order-17', bodyHash: 'aa' };
      const id = await submitOne(test.current.store, { idempotency });
      await left();
      expect(await submit({ idempotency })).toMatchObject({ kind: 'replayed', request: { id } });
    });
  });

  describe('cancelLeft', () => {
    it('cancels a queued request that all its clients have left, and no call joins it', async () => {
      const { store, openCalls } = test.current;
      const id = await submitOne(store, { call });
      expect(await join(retry)).toBe(id);
      await openCalls.leave(id, start);
      expect(await store.cancelLeft(id, start)).toBeUndefined();
      await openCalls.leave(id, start);
      expect(await store.cancelLeft(id, start + 1)).toMatchObject({ id, status: 'cancelled' });
      expect(await store.find('org-a', id)).toMatchObject({ status: 'cancelled', updatedAt: start + 1 });
      expect(await store.cancelLeft(id, start + 2)).toBeUndefined();
      expect(await join(retry)).toBeUndefined();
    });

    it('lets a request go on that is being processed, that was joined, or that is no open call', async () => {
      const { store } = test.current;
      const processing = await left();
      await claimOne(store);
      const another = { ...call, hash: 'bb' };
      const joined = await left({ call: another });
      expect(await join(another)).toBe(joined);
      const plain = await submitOne(store);
      for (const id of [processing, joined, plain, 'none']) expect(await store.cancelLeft(id, start)).toBeUndefined();
      expect(await join()).toBe(processing);
    });

    it('and a join at the same time never both get the request', async () => {
      const others = await test.current.connect();
      for (let round = 0; round < 5; round += 1) {
        const id = await left();
        const [cancelled, joined] = await Promise.all([
          test.current.store.cancelLeft(id, start),
          others.openCalls.join({ ...call, ...key }, start),
        ]);
        expect([cancelled?.id, joined?.request.id]).toEqual(cancelled ? [id, undefined] : [undefined, id]);
        await test.current.openCalls.end(id);
      }
    });
  });

  describe('forget', () => {
    it('forgets open calls that are too old, oldest first and no more than the limit', async () => {
      const { openCalls } = test.current;
      for (const index of [0, 1, 2]) await submit({ createdAt: start + index });
      const now = start + openCallMs + 1;
      expect(await openCalls.forget({ now, limit: 1 })).toBe(1);
      expect(await openCalls.forget({ now, limit: 5 })).toBe(1);
      expect(await openCalls.forget({ now, limit: 5 })).toBe(0);
      expect(await join(retry, now)).toBeDefined();
    });
  });
}
