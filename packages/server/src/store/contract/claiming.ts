import { describe, expect, it } from 'vitest';
import type { RequestStore } from '../request-store.ts';
import {
  beginOne,
  claimMany,
  claimOne,
  leaseMs,
  models,
  order,
  picture,
  start,
  submitOne,
  toCallEnd,
  toClaimQuery,
  toNewRequest,
} from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

export function describeClaiming(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  async function claimOrganizations(store: RequestStore, limit: number): Promise<readonly string[]> {
    return (await claimMany(store, limit)).map((claim) => claim.request.organizationId);
  }

  describe('claim', () => {
    it('gives a queued request to a worker as processing, with its attempt counted', async () => {
      const { store } = test.current;
      const id = await submitOne(store);
      const claim = await claimOne(store, start + 5);
      expect(claim.request).toMatchObject({ id, status: 'processing', attempt: 1, updatedAt: start + 5 });
      expect(claim.lease).toEqual({ requestId: id, attempt: 1, token: expect.any(String) });
      expect(await store.find('org-a', id)).toEqual(claim.request);
    });

    it('gives nothing when nothing is queued', async () => {
      const { store } = test.current;
      expect(await store.claim(toClaimQuery({ limit: 5, now: start }))).toEqual({
        claims: [],
        nextAvailableAt: undefined,
      });
    });

    it('never gives one request to two workers', async () => {
      const other = (await test.current.connect()).store;
      const requests = Array.from({ length: 60 }, (_, index) => toNewRequest({ organizationId: `org-${index % 3}` }));
      await Promise.all(requests.map((request) => test.current.store.submit(request)));
      const stores = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? test.current.store : other));
      const claims = (await Promise.all(stores.map((store) => claimMany(store, 2)))).flat();
      expect(new Set(claims.map((claim) => claim.request.id)).size).toBe(claims.length);
      expect(new Set(claims.map((claim) => claim.lease.token)).size).toBe(claims.length);
      expect(claims).toHaveLength(60);
    });

    it('lets organizations take turns, one request a turn', async () => {
      const { store } = test.current;
      for (const organizationId of ['org-a', 'org-a', 'org-a', 'org-b', 'org-b', 'org-c']) {
        await submitOne(store, { organizationId });
      }
      const served = await claimOrganizations(store, 6);
      expect(served.slice(0, 3).toSorted()).toEqual(['org-a', 'org-b', 'org-c']);
      expect(served.slice(3, 5).toSorted()).toEqual(['org-a', 'org-b']);
      expect(served[5]).toBe('org-a');
    });

    it('delays the single request of an organization by at most one claim, whatever another has queued', async () => {
      const { store } = test.current;
      await Promise.all(Array.from({ length: 1_000 }, () => store.submit(toNewRequest({ priority: 9 }))));
      await claimMany(store, 10);
      await submitOne(store, { organizationId: 'org-b' });
      expect(await claimOrganizations(store, 2)).toContain('org-b');
    });

    it('gives an organization that was idle one turn, not those it has missed', async () => {
      const { store } = test.current;
      for (const organizationId of ['org-a', 'org-b']) await submitOne(store, { organizationId });
      await claimMany(store, 2);
      for (let i = 0; i < 6; i++) await submitOne(store);
      await claimMany(store, 3);
      for (let i = 0; i < 3; i++) await submitOne(store, { organizationId: 'org-b' });
      expect(await claimOrganizations(store, 4)).toEqual(['org-b', 'org-a', 'org-b', 'org-a']);
    });

    it('gives an organization no extra turn for a second model', async () => {
      const { store } = test.current;
      await submitOne(store);
      await submitOne(store, { organizationId: 'org-b' });
      await claimMany(store, 2);
      for (const organizationId of ['org-a', 'org-b']) {
        for (const model of ['model-1', 'model-2', 'model-3']) await submitOne(store, { organizationId, model });
      }
      const served = await claimOrganizations(store, 6);
      for (const turn of [0, 2, 4]) expect(served.slice(turn, turn + 2).toSorted()).toEqual(['org-a', 'org-b']);
    });

    it('takes the higher priority first, then the older, whatever the model', async () => {
      const { store } = test.current;
      const old = await submitOne(store, { model: 'model-2' });
      const urgent = await submitOne(store, { model: 'model-1', priority: 5 });
      const young = await submitOne(store, { model: 'model-1' });
      const urgentToo = await submitOne(store, { model: 'model-3', priority: 5 });
      const unhurried = await submitOne(store, { model: 'model-2', priority: -1 });
      const ids = (await claimMany(store, 9)).map((claim) => claim.request.id);
      expect(ids).toEqual([urgent, urgentToo, old, young, unhurried]);
    });

    it('leaves requests of models that the claim does not name', async () => {
      const { store } = test.current;
      await submitOne(store, { model: 'model-1', organizationId: 'org-b' });
      const id = await submitOne(store, { model: 'model-2' });
      const others = new Map([...models].filter(([model]) => model !== 'model-1'));
      const { claims } = await store.claim(toClaimQuery({ limit: 9, models: others }));
      expect(claims.map(({ request }) => request.id)).toEqual([id]);
    });

    it('grants a call for each image that is asked for, at most its limit of calls', async () => {
      const { store } = test.current;
      for (let i = 0; i < 3; i++) await submitOne(store, { order: { ...order, images: 4 } });
      const granted = (await claimMany(store, 6)).map(({ imageIndexes }) => imageIndexes);
      expect(granted).toEqual([
        [0, 1, 2, 3],
        [0, 1],
      ]);
    });

    it('writes an unsent line for each granted call, on its upstream', async () => {
      const { store } = test.current;
      const id = await submitOne(store, { order: { ...order, images: 2 } });
      const [claim] = await claimMany(store, 2);
      expect(claim?.upstream).toBe('upstream-1');
      const line = { number: 1, upstream: 'upstream-1', startedAt: start, sentAt: undefined, result: undefined };
      expect(await store.attempts('org-a', id)).toMatchObject([
        { ...line, imageIndex: 0 },
        { ...line, imageIndex: 1 },
      ]);
    });

    it('grants no call for an image that a call has brought before', async () => {
      const { store } = test.current;
      const { lease } = await beginOne(store, [0, 1, 2]);
      const ends = [toCallEnd({ imageIndex: 1, answer: { parts: [{ kind: 'picture', picture }] } })];
      await store.settle({ lease, ends, verdict: { kind: 'interrupt' }, now: start });
      expect((await claimMany(store, 9)).map(({ imageIndexes }) => imageIndexes)).toEqual([[0, 2]]);
    });

    it('tries the images first that have been tried least', async () => {
      const { store } = test.current;
      await submitOne(store, { order: { ...order, images: 3 } });
      const granted: (readonly number[])[] = [];
      for (let i = 0; i < 4; i++) {
        const { lease, imageIndexes } = await claimOne(store);
        granted.push(imageIndexes);
        await store.beginCalls(lease, { imageIndexes, now: start });
        await store.settle({ lease, ends: [], verdict: { kind: 'interrupt' }, now: start });
      }
      expect(granted).toEqual([[0], [1], [2], [0]]);
    });

    it('gives a request that has all its pictures to a holder who only has to settle it', async () => {
      const { store } = test.current;
      const { lease } = await beginOne(store);
      const ends = [toCallEnd({ answer: { parts: [{ kind: 'picture', picture }] } })];
      await store.settle({ lease, ends, verdict: { kind: 'interrupt' }, now: start });
      const { imageIndexes, upstream } = await claimOne(store);
      expect({ imageIndexes, upstream }).toEqual({ imageIndexes: [], upstream: 'upstream-1' });
      expect(await store.attempts('org-a', lease.requestId)).toHaveLength(1);
    });

    it('leaves a waiting request until its time, and says when that is', async () => {
      const { store } = test.current;
      const id = await submitOne(store);
      const availableAt = start + 30_000;
      const { lease } = await claimOne(store);
      const verdict = { kind: 'retry', availableAt, code: 'upstream_overloaded' } as const;
      await store.settle({ lease, ends: [], verdict, now: start });
      const early = await store.claim(toClaimQuery({ limit: 1, now: availableAt - 1 }));
      expect(early).toEqual({ claims: [], nextAvailableAt: availableAt });
      const due = await store.claim(toClaimQuery({ limit: 1, now: availableAt }));
      expect(due.claims.map((claim) => claim.request.id)).toEqual([id]);
      expect(due.nextAvailableAt).toBeUndefined();
    });

    it('hands over the attempt log so far, empty on the first claim', async () => {
      const { store } = test.current;
      const id = await submitOne(store);
      const first = await claimOne(store);
      await store.beginCalls(first.lease, { imageIndexes: [0], now: start });
      const ends = [toCallEnd({ result: 'failed', costMicros: 0 })];
      await store.settle({ lease: first.lease, ends, verdict: { kind: 'interrupt' }, now: start });
      const second = await claimOne(store);
      expect(first.attempts).toEqual([]);
      expect(second.lease).toMatchObject({ requestId: id, attempt: 2 });
      expect(second.attempts).toEqual((await store.attempts('org-a', id)).slice(0, 1));
      expect(second.attempts).toMatchObject([{ number: 1, imageIndex: 0, result: 'failed', worker: 'worker-1' }]);
    });
  });

  describe('renew', () => {
    it('prolongs a lease, so that its request is not rescued', async () => {
      const { store } = test.current;
      await submitOne(store);
      const { lease } = await claimOne(store);
      expect(await store.renew([lease], { now: start + leaseMs - 1, leaseMs })).toEqual([]);
      const interrupt = () => ({ kind: 'interrupt' }) as const;
      expect(await store.rescue({ now: start + leaseMs, limit: 9, decide: interrupt })).toEqual([]);
      expect(await store.rescue({ now: start + 2 * leaseMs - 1, limit: 9, decide: interrupt })).toHaveLength(1);
    });

    it('prolongs the line of a call that goes on after its request was cancelled', async () => {
      const { store } = test.current;
      const { lease } = await beginOne(store);
      await store.cancel('org-a', lease.requestId, start);
      const later = start + leaseMs - 1;
      expect(await store.renew([lease], { now: later, leaseMs })).toEqual([lease]);
      const rescue = { now: start + leaseMs, limit: 9, decide: () => ({ kind: 'interrupt' }) as const };
      await store.rescue(rescue);
      expect(await store.attempts('org-a', lease.requestId)).toMatchObject([{ result: undefined }]);
      await store.rescue({ ...rescue, now: later + leaseMs });
      expect(await store.attempts('org-a', lease.requestId)).toMatchObject([{ result: 'lost' }]);
    });

    it('says which leases are no longer held, and prolongs the others', async () => {
      const { store } = test.current;
      await submitOne(store);
      await submitOne(store);
      const [gone, held] = await claimMany(store, 2);
      if (!gone || !held) throw new Error('There should be two claims.');
      await store.settle({ lease: gone.lease, ends: [], verdict: { kind: 'interrupt' }, now: start });
      const forged = { ...held.lease, token: 'another' };
      expect(await store.renew([gone.lease, held.lease, forged], { now: start, leaseMs })).toEqual([
        gone.lease,
        forged,
      ]);
    });
  });
}
