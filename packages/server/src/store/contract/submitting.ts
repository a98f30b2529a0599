import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { claimMany, claimOne, start, submitOne, toNewRequest } from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

export function describeSubmitting(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  describe('submit and find', () => {
    it('keeps a new request as queued, with every field as given', async () => {
      const { store } = test.current;
      const request = toNewRequest({
        priority: 3,
        wire: 'gemini',
        allowsStandIn: false,
        inline: [{ path: ['image', 0], name: 'Zk3bQ.png' }],
      });
      const { order, maxQueued: _maxQueued, ...kept } = request;
      const expected = {
        ...kept,
        status: 'queued',
        attempt: 0,
        availableAt: start,
        retryCode: undefined,
        outcome: undefined,
        costMicros: 0,
        queuedAt: start,
        updatedAt: start,
        serviceTier: undefined,
        tier: 'standard',
        retainMs: undefined,
        isBare: false,
      };
      expect(await store.submit(request)).toEqual({ kind: 'submitted', request: expected });
      expect(await store.find('org-a', request.id)).toEqual(expected);
      expect((await claimOne(store)).order).toEqual(order);
    });

    it('shows what another process has written, even for a request that was read before', async () => {
      const { store } = test.current;
      const other = (await test.current.connect()).store;
      const id = await submitOne(store);
      expect((await store.find('org-a', id))?.status).toBe('queued');
      await claimOne(other);
      await nextTurn();
      expect((await store.find('org-a', id))?.status).toBe('processing');
      expect((await store.find('org-a', id))?.status).toBe('processing');
      expect(await store.find('org-b', id)).toBeUndefined();
    });

    it('keeps a payload of megabytes to the last character', async () => {
      const { store } = test.current;
      const payload = JSON.stringify({ image: `data:image/png;base64,${'Qk0x'.repeat(1_000_000)}`, prompt: '🖼' });
      const id = await submitOne(store, { payload });
      expect((await store.find('org-a', id))?.payload === payload).toBe(true);
    });

    it('rejects an id that exists and keeps the first request', async () => {
      const { store } = test.current;
      const request = toNewRequest();
      await store.submit(request);
      await expect(store.submit({ ...request, payload: '{}' })).rejects.toThrow();
      expect((await store.find('org-a', request.id))?.payload).toBe(request.payload);
      expect((await store.list({ organizationId: 'org-a', limit: 10 })).total).toBe(1);
    });

    it('rejects one write without harm to those that arrive in the same turn', async () => {
      const { store } = test.current;
      const requests = Array.from({ length: 5 }, () => toNewRequest());
      const [first] = requests;
      const results = await Promise.allSettled([...requests, first ?? toNewRequest()].map((one) => store.submit(one)));
      expect(results.map((result) => result.status)).toEqual([...requests.map(() => 'fulfilled'), 'rejected']);
      expect((await store.list({ organizationId: 'org-a', limit: 10 })).total).toBe(5);
    });

    it('shows a request to every other process as soon as its submit has resolved', async () => {
      const other = (await test.current.connect()).store;
      const id = await submitOne(test.current.store);
      expect((await other.find('org-a', id))?.status).toBe('queued');
    });

    it('keeps requests over a close', async () => {
      const id = await submitOne(test.current.store);
      await test.current.store.close();
      const reopened = (await test.current.connect()).store;
      expect((await reopened.find('org-a', id))?.status).toBe('queued');
    });

    it("hides an organization's request and its attempts from all others", async () => {
      const { store } = test.current;
      const id = await submitOne(store);
      await claimOne(store);
      expect(await store.find('org-b', id)).toBeUndefined();
      expect(await store.attempts('org-b', id)).toEqual([]);
      expect(await store.attempts('org-a', id)).toHaveLength(1);
    });
  });

  describe('the length of the queue', () => {
    it('refuses the request that would exceed it, and keeps nothing of it', async () => {
      const { store } = test.current;
      await submitOne(store, { model: 'model-1' });
      await submitOne(store, { model: 'model-2' });
      const request = toNewRequest({ model: 'model-3', maxQueued: 2 });
      expect(await store.submit(request)).toEqual({
        kind: 'queue-full',
        limit: { of: 'organization', value: 2 },
      });
      expect(await store.find('org-a', request.id)).toBeUndefined();
      expect(await store.submit({ ...request, maxQueued: 3 })).toMatchObject({ kind: 'submitted' });
    });

    it('is separate for each organization, and counts only what is queued', async () => {
      const { store } = test.current;
      await submitOne(store);
      await submitOne(store, { organizationId: 'org-b', maxQueued: 1 });
      await claimMany(store, 2);
      await submitOne(store, { maxQueued: 1 });
    });

    it('is not exceeded by concurrent submits', async () => {
      const stores = [test.current.store, (await test.current.connect()).store];
      const submits = Array.from({ length: 60 }, (_, index) =>
        stores[index % 2]?.submit(toNewRequest({ maxQueued: 11 })),
      );
      const results = await Promise.all(submits);
      expect(results.filter((result) => result?.kind === 'submitted')).toHaveLength(11);
    });
  });

  describe('check and close', () => {
    it('answers a check until it is closed', async () => {
      const { store } = test.current;
      await expect(store.check()).resolves.toBeUndefined();
      await store.close();
      await expect(store.check()).rejects.toThrow();
    });

    it('finishes the writes under way when it closes, and refuses later ones', async () => {
      const { store } = test.current;
      const submitted = Array.from({ length: 300 }, () => submitOne(store));
      await store.close();
      const ids = await Promise.all(submitted);
      await expect(store.submit(toNewRequest())).rejects.toThrow('closed');
      await expect(store.close()).resolves.toBeUndefined();
      const reopened = (await test.current.connect()).store;
      expect((await reopened.list({ organizationId: 'org-a', limit: 1 })).total).toBe(ids.length);
    });
  });
}
