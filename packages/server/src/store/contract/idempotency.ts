import { describe, expect, it } from 'vitest';
import { idempotencyMs, type NewRequest } from '../request-store.ts';
import { claimOne, start, submitOne, successOutcome, toNewRequest } from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

const idempotency = { key: 'order-17', bodyHash: 'aa' };
const otherBody = { key: 'order-17', bodyHash: 'bb' };

export function describeIdempotency(create: CreateStoreUnderTest): void {
  const test = useStore(create);
  const submit = (changes: Partial<NewRequest> = {}) =>
    test.current.store.submit(toNewRequest({ idempotency, ...changes }));

  async function count(): Promise<number> {
    return (await test.current.store.list({ organizationId: 'org-a', limit: 1 })).total;
  }

  describe('an idempotency key', () => {
    it('returns the same request for the same body, in its current state', async () => {
      const { store } = test.current;
      const id = await submitOne(store, { idempotency });
      const { lease } = await claimOne(store);
      const verdict = { kind: 'succeed', outcome: successOutcome } as const;
      await store.settle({ lease, ends: [], verdict, now: start + 5 });
      const replayed = { kind: 'replayed', request: await store.find('org-a', id) };
      expect(await submit({ createdAt: start + 9 })).toEqual(replayed);
      expect(await store.replay('org-a', idempotency, start + 9)).toEqual(replayed);
      expect(await count()).toBe(1);
    });

    it('makes one request of many submits at the same time, whichever process they reach', async () => {
      const other = (await test.current.connect()).store;
      const stores = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? test.current.store : other));
      const results = await Promise.all(stores.map((store) => store.submit(toNewRequest({ idempotency }))));
      const ids = results.map((result) => ('request' in result ? result.request.id : result.kind));
      expect(new Set(ids).size).toBe(1);
      expect(results.filter(({ kind }) => kind === 'submitted')).toHaveLength(1);
    });

    it('refuses another body, and still belongs to the first', async () => {
      const id = await submitOne(test.current.store, { idempotency });
      expect(await submit({ idempotency: otherBody })).toEqual({ kind: 'conflict' });
      expect(await test.current.store.replay('org-a', otherBody, start)).toEqual({ kind: 'conflict' });
      expect(await submit()).toMatchObject({ kind: 'replayed', request: { id } });
      expect(await count()).toBe(1);
    });

    it('is free before its first submit, and for every other organization', async () => {
      const { store } = test.current;
      expect(await store.replay('org-a', idempotency, start)).toBeUndefined();
      await submitOne(store, { idempotency });
      expect(await store.replay('org-b', idempotency, start)).toBeUndefined();
      expect(await submit({ organizationId: 'org-b', idempotency: otherBody })).toMatchObject({ kind: 'submitted' });
    });

    it('is kept for a day, and not a millisecond longer', async () => {
      const first = await submitOne(test.current.store, { idempotency });
      const last = start + idempotencyMs - 1;
      expect(await submit({ createdAt: last })).toMatchObject({ kind: 'replayed', request: { id: first } });
      expect(await test.current.store.replay('org-a', otherBody, last + 1)).toBeUndefined();
      const second = await submitOne(test.current.store, { idempotency: otherBody, createdAt: last + 1 });
      const again = await submit({ idempotency: otherBody, createdAt: last + 2 });
      expect(again).toMatchObject({ kind: 'replayed', request: { id: second } });
    });

    it('is checked before everything else: a replay is no new request', async () => {
      const { store, budgets } = test.current;
      await submitOne(store, { idempotency });
      await budgets.set({ scope: 'organization', id: 'org-a', period: 'day', limitMicros: 1 }, start);
      expect(await submit({ maxQueued: 1 })).toMatchObject({ kind: 'replayed' });
    });

    it('is not used up by a submit that is refused', async () => {
      const { store } = test.current;
      await submitOne(store);
      expect(await submit({ maxQueued: 1 })).toEqual({
        kind: 'queue-full',
        limit: { of: 'organization', value: 1 },
      });
      expect(await store.replay('org-a', idempotency, start)).toBeUndefined();
      expect(await submit({ idempotency: otherBody })).toMatchObject({ kind: 'submitted' });
    });

    it('is not used up by a submit that fails', async () => {
      const { store } = test.current;
      const id = await submitOne(store);
      await expect(submit({ id })).rejects.toThrow();
      expect(await store.replay('org-a', idempotency, start)).toBeUndefined();
    });
  });

  describe('forgetIdempotencyKeys', () => {
    it('forgets the keys that are too old, oldest first and no more than the limit', async () => {
      const { store } = test.current;
      for (const index of [0, 1, 2, 3]) {
        await submitOne(store, { idempotency: { key: `key-${index}`, bodyHash: 'aa' }, createdAt: start + index });
      }
      const now = start + idempotencyMs + 2;
      expect(await store.forgetIdempotencyKeys({ now, limit: 2 })).toBe(2);
      expect(await store.forgetIdempotencyKeys({ now, limit: 2 })).toBe(1);
      expect(await store.forgetIdempotencyKeys({ now, limit: 2 })).toBe(0);
      expect(await store.replay('org-a', { key: 'key-3', bodyHash: 'aa' }, now)).toMatchObject({ kind: 'replayed' });
      expect(await count()).toBe(4);
    });
  });
}
