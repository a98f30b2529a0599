import { describe, expect, it } from 'vitest';
import type { InlinePicture, KeptPart } from '../../core/image-request.ts';
import type { PruneQuery } from '../removal-store.ts';
import {
  beginOne,
  claimDueDeliveries,
  claimOne,
  failureOutcome,
  leaseMs,
  picture,
  start,
  submitOne,
  successOutcome,
  toCallEnd,
  toNewEndpoint,
  toNewRequest,
} from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export function describePruning(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  const toQuery = (changes: Partial<PruneQuery> = {}): PruneQuery => ({
    organizationId: 'org-a',
    status: 'success',
    what: 'requests',
    endedUntil: start + hourMs,
    limit: 100,
    now: start + hourMs,
    tombstoneMs: dayMs,
    ...changes,
  });
  const prune = async (changes: Partial<PruneQuery> = {}) => (await test.current.removals.prune(toQuery(changes))).ids;
  const takeMedia = async (now = start + hourMs) =>
    [...(await test.current.removals.claimMedia({ now, limit: 100, leaseMs }))].sort();

  /** A request with a picture, its original and signatures. */
  const makeOne = async (name: string, now = start, extra: readonly KeptPart[] = []) => {
    const { store } = test.current;
    const { lease, request } = await beginOne(store);
    const made = {
      ...picture,
      name,
      sha256: name,
      originalKey: `originals/or/${name}`,
      signatureKey: `signatures/si/${name}`,
    };
    const text = { kind: 'text', text: 'Here.', signatureKey: `signatures/te/${name}` } as const;
    const end = toCallEnd({ answer: { parts: [text, { kind: 'picture', picture: made }, ...extra] } });
    const verdict = { kind: 'succeed', outcome: { ...successOutcome, pictures: [made] } } as const;
    await store.settle({ lease, ends: [end], verdict, now });
    return request.id;
  };

  describe('pruning', () => {
    it('removes what ended long enough ago, with its status and of its organization, the oldest first', async () => {
      const { store, removals } = test.current;
      const [first, second, third] = [
        await makeOne('1.png', start),
        await makeOne('2.png', start + 1),
        await makeOne('3.png', start + 9),
      ];
      const cancelled = await submitOne(store);
      await store.cancel('org-a', cancelled, start);
      expect(await prune({ organizationId: 'org-b', endedUntil: start + 2 })).toEqual([]);
      expect(await removals.prune(toQuery({ endedUntil: start + 2, limit: 1 }))).toEqual({
        ids: [first],
        next: { at: start, id: first },
      });
      expect(await prune({ endedUntil: start + 2 })).toEqual([second]);
      expect(await prune({ status: 'cancelled' })).toEqual([cancelled]);
      expect((await store.list({ organizationId: 'org-a', limit: 9 })).requests.map(({ id }) => id)).toEqual([third]);
      expect((await store.list({ organizationId: 'org-a', limit: 9 })).total).toBe(1);
    });

    it('takes the attempts, events, pictures and hashes with it, and notes every object for the storage', async () => {
      const { store, events, removals } = test.current;
      const id = await makeOne('1.png');
      expect(await prune()).toEqual([id]);
      expect(await store.find('org-a', id)).toBeUndefined();
      expect(await store.exists(id)).toBe(false);
      expect(await store.attempts('org-a', id)).toEqual([]);
      expect(await events.ofRequest('org-a', id, { after: 0, limit: 9 })).toEqual([]);
      expect(await store.findAnswer('org-a', '1.png')).toBeUndefined();
      expect(await store.findPicture('1.png')).toBeUndefined();
      expect(await store.findPictureByHash('org-a', '1.png')).toBeUndefined();
      expect(await store.listPictures({ limit: 9 })).toEqual([]);
      expect(await takeMedia()).toEqual(['1.png', 'originals/or/1.png', 'signatures/si/1.png', 'signatures/te/1.png']);
      expect(await removals.isRemoved('1.png')).toBe(true);
    });

    it('keeps the sums of usage and budgets', async () => {
      const { budgets } = test.current;
      await budgets.set({ scope: 'organization', id: 'org-a', period: 'day', limitMicros: 9_000_000 }, start);
      await makeOne('1.png');
      const days = { organizationId: 'org-a', from: '2025-01-01', to: '2026-01-01' };
      const before = [await budgets.usage(days), await budgets.list({ now: start })];
      expect(await prune()).toHaveLength(1);
      expect([await budgets.usage(days), await budgets.list({ now: start })]).toEqual(before);
      expect(before[0]).toMatchObject([{ success: 1, pictures: 1 }]);
    });

    it('gives each removed object to one process at a time, until its bytes are gone', async () => {
      await makeOne('1.png');
      await prune();
      const { removals: other } = await test.current.connect();
      const query = { now: start + hourMs, limit: 2, leaseMs };
      const [mine, theirs] = [await test.current.removals.claimMedia(query), await other.claimMedia(query)];
      expect([...mine, ...theirs].sort()).toHaveLength(new Set([...mine, ...theirs]).size);
      expect(await takeMedia()).toEqual([]);
      await other.forgetMedia(theirs);
      expect(await takeMedia(start + hourMs + leaseMs)).toEqual([...mine].sort());
    });

    it('knows a removed picture until its time is over', async () => {
      const { removals } = test.current;
      await makeOne('1.png');
      await prune();
      const names = await removals.claimMedia({ now: start + hourMs, limit: 9, leaseMs });
      await removals.forgetRemoved({ now: start + 9 * dayMs, limit: 9 });
      expect(await removals.isRemoved('1.png')).toBe(true);
      await removals.forgetMedia(names);
      await removals.forgetRemoved({ now: start + dayMs, limit: 9 });
      expect(await removals.isRemoved('1.png')).toBe(true);
      await removals.forgetRemoved({ now: start + hourMs + dayMs, limit: 9 });
      expect(await removals.isRemoved('1.png')).toBe(false);
    });

    it('is not stopped by a row that is damaged', async () => {
      const [damaged, whole] = [await makeOne('1.png'), await makeOne('2.png')];
      await test.current.spoil(`UPDATE attempts SET answer = '{' WHERE request_id = '${damaged}'`);
      // Both ended at the same time.
      expect([...(await prune())].sort()).toEqual([damaged, whole]);
    });

    it('can take the pictures before the record, once', async () => {
      const { store, removals } = test.current;
      const id = await makeOne('1.png');
      expect(await prune({ what: 'pictures' })).toEqual([id]);
      expect(await prune({ what: 'pictures' })).toEqual([]);
      expect(await store.find('org-a', id)).toMatchObject({ status: 'success', isBare: true });
      expect(await store.attempts('org-a', id)).toHaveLength(1);
      expect(await store.findPicture('1.png')).toBeUndefined();
      await removals.forgetMedia(await takeMedia());
      await removals.forgetRemoved({ now: start + 99 * dayMs, limit: 9 });
      expect(await removals.isRemoved('1.png')).toBe(true);
      expect(await prune()).toEqual([id]);
      await removals.forgetMedia(await takeMedia());
      await removals.forgetRemoved({ now: start + 99 * dayMs, limit: 9 });
      expect(await removals.isRemoved('1.png')).toBe(false);
    });

    it('also follows what the submit asked for, from the end of the request on', async () => {
      const { store, removals } = test.current;
      const id = await submitOne(store, { retainMs: 5_000 });
      const expired = async (now: number) => (await removals.pruneExpired({ now, limit: 9, tombstoneMs: dayMs })).ids;
      expect(await expired(start + dayMs)).toEqual([]);
      await store.cancel('org-a', id, start + hourMs);
      expect(await expired(start + hourMs + 4_999)).toEqual([]);
      expect((await store.find('org-a', id))?.retainMs).toBe(5_000);
      expect(await expired(start + hourMs + 5_000)).toEqual([id]);
    });
  });

  describe('nothing that is still needed is pruned:', () => {
    it('not a request that is open, nor one with a call under way', async () => {
      const { store } = test.current;
      await submitOne(store);
      const { lease, request } = await beginOne(store);
      await store.cancel('org-a', request.id, start);
      for (const status of ['success', 'failed', 'cancelled'] as const) expect(await prune({ status })).toEqual([]);
      await store.endCalls(lease, [toCallEnd()]);
      expect(await prune({ status: 'cancelled' })).toEqual([request.id]);
    });

    it('not before its webhooks are told, unless their endpoint is paused', async () => {
      const { webhooks } = test.current;
      await webhooks.createEndpoint(toNewEndpoint(), 5);
      const id = await makeOne('1.png');
      expect(await prune()).toEqual([]);
      for (let deliveries = await claimDueDeliveries(webhooks); deliveries.length > 0; ) {
        expect(await prune()).toEqual([]);
        for (const delivery of deliveries)
          await webhooks.endTry(delivery, { kind: 'delivered', tried: { at: start, httpStatus: 200 } });
        deliveries = await claimDueDeliveries(webhooks);
      }
      expect(await prune()).toEqual([id]);
      const second = await makeOne('2.png');
      await claimDueDeliveries(webhooks);
      expect(await prune()).toEqual([]);
      await webhooks.updateEndpoint('org-a', 'endpoint-1', { pausedAt: start });
      expect(await prune()).toEqual([second]);
    });

    it('not while a client waits for its answer', async () => {
      const { store, openCalls } = test.current;
      const id = await submitOne(store, { call: { hash: 'hash', isRetry: false } });
      await store.cancel('org-a', id, start);
      expect(await prune({ status: 'cancelled' })).toEqual([]);
      await openCalls.end(id);
      expect(await prune({ status: 'cancelled' })).toEqual([id]);
    });

    it('not while an open request refers to its pictures, made or sent', async () => {
      const { store } = test.current;
      const made = await makeOne('1.png');
      const inline: readonly InlinePicture[] = [{ path: ['image'], name: 'sent.png', bytes: 9 }];
      const sent = await submitOne(store, { inline });
      await store.cancel('org-a', sent, start);
      const reader = await submitOne(store, { uses: ['1.png', 'sent.png'] });
      expect([...(await prune()), ...(await prune({ status: 'cancelled' }))]).toEqual([]);
      expect(await prune({ what: 'pictures' })).toEqual([]);
      await store.cancel('org-a', reader, start + dayMs);
      expect([...(await prune()), ...(await prune({ status: 'cancelled' }))]).toEqual([made, sent]);
      expect(await takeMedia()).toContain('sent.png');
    });

    it('not an upload before the last request that uses it', async () => {
      const { store, uploads } = test.current;
      const limits = { ofKey: 1_000, ofOrganization: 1_000 };
      const owner = {
        organizationId: 'org-a',
        apiKeyId: 'key-1',
        via: 'service',
        bytes: 50,
        endsAt: start + 5,
      } as const;
      await uploads.grant({ ...owner, name: 'up.png' }, limits);
      await uploads.take('up.png', { bytes: 40, sha256: 'hash', endsAt: start + 5 });
      await uploads.keepLength('up.png', 40);
      const [first, second] = [
        await submitOne(store, { uses: ['up.png'] }),
        await submitOne(store, { uses: ['up.png'] }),
      ];
      for (const id of [first, second]) await store.cancel('org-a', id, id === first ? start : start + 9);
      expect(await prune({ status: 'cancelled', endedUntil: start })).toEqual([first]);
      expect(await store.findPicture('up.png')).toEqual({ name: 'up.png', bytes: 40 });
      expect(await takeMedia()).toEqual([]);
      expect(await prune({ status: 'cancelled' })).toEqual([second]);
      expect(await store.findPicture('up.png')).toBeUndefined();
      expect(await uploads.findOwner('up.png')).toBeUndefined();
      expect(await takeMedia()).toEqual(['up.png']);
    });

    it('not a picture that belongs to an earlier request and was sent again', async () => {
      const { store } = test.current;
      await makeOne('1.png');
      const inline = [{ path: ['image'], name: '1.png', bytes: 9, isKnown: true }] as const;
      await store.cancel('org-a', await submitOne(store, { inline, uses: ['1.png'] }), start);
      expect(await prune({ status: 'cancelled' })).toHaveLength(1);
      expect(await takeMedia()).toEqual([]);
      expect(await store.findPicture('1.png')).toBeDefined();
    });

    it('not what an idempotency key stands for: it is answered by what is left, for as long as the key counts', async () => {
      const { store, removals } = test.current;
      const given = { idempotency: { key: 'again', bodyHash: 'hash' }, model: 'model-2', wire: 'fal' };
      const id = await submitOne(store, given);
      await store.cancel('org-a', id, start);
      expect(await prune({ status: 'cancelled', tombstoneMs: 0 })).toEqual([id]);
      await removals.forgetRemoved({ now: start + dayMs - 1, limit: 9 });
      const replayed = { kind: 'replayed', request: { id, model: 'model-2', status: 'cancelled', createdAt: start } };
      expect(await store.submit(toNewRequest({ ...given, createdAt: start + dayMs - 1 }))).toMatchObject(replayed);
      expect(await store.replay('org-a', given.idempotency, start + dayMs - 1)).toMatchObject(replayed);
      expect(await store.replay('org-a', { key: 'again', bodyHash: 'other' }, start + dayMs - 1)).toEqual({
        kind: 'conflict',
      });
      expect(await removals.findTombstone('org-b', id)).toBeUndefined();
      expect((await store.submit(toNewRequest({ ...given, createdAt: start + dayMs }))).kind).toBe('submitted');
    });

    it('and a late answer brings nothing back', async () => {
      const { store } = test.current;
      const { lease, request } = await beginOne(store);
      const fail = { kind: 'fail', outcome: failureOutcome } as const;
      await store.rescue({ now: start + 2 * leaseMs, limit: 9, decide: () => fail });
      expect(await prune({ status: 'failed' })).toEqual([request.id]);
      const end = toCallEnd({ answer: { parts: [{ kind: 'picture', picture }] } });
      await store.endCalls(lease, [end]);
      const verdict = { kind: 'succeed', outcome: successOutcome } as const;
      expect(await store.settle({ lease, ends: [end], verdict, now: start })).toBe(false);
      expect(await store.hasAnswer({ requestId: request.id, attempt: 1, imageIndex: 0 })).toBe(false);
      expect(await store.findPicture(picture.name)).toBeUndefined();
    });
  });

  describe('removing by somebody’s wish', () => {
    const removal = { organizationId: 'org-a', now: start + hourMs, tombstoneMs: dayMs };

    it('removes an ended request of the organization, again and again with the same answer', async () => {
      const { store, removals } = test.current;
      const id = await makeOne('1.png');
      expect(await removals.remove({ ...removal, organizationId: 'org-b', id })).toEqual({ kind: 'missing' });
      expect(await removals.remove({ ...removal, id: 'none' })).toEqual({ kind: 'missing' });
      const removed = await removals.remove({ ...removal, id });
      expect(removed).toMatchObject({
        kind: 'removed',
        tombstone: { id, status: 'success', costMicros: 134_000, removedAt: removal.now },
      });
      const again = await removals.remove({ ...removal, id, now: removal.now + 5 });
      expect(again).toEqual({ ...removed, isNew: false, media: [] });
      expect(removed).toMatchObject({ isNew: true, media: expect.arrayContaining(['1.png', 'originals/or/1.png']) });
      expect(await store.find('org-a', id)).toBeUndefined();
      expect(await removals.findTombstone('org-a', id)).toMatchObject({ id });
    });

    it('refuses one that is open or has a call under way, and takes one that others refer to', async () => {
      const { store, removals } = test.current;
      const made = await makeOne('1.png');
      const open = await submitOne(store, { uses: ['1.png'] });
      expect(await removals.remove({ ...removal, id: open })).toEqual({ kind: 'open' });
      const { request } = await claimOne(store);
      await store.beginCalls((await beginOne(store)).lease, { imageIndexes: [], now: start });
      expect(await removals.remove({ ...removal, id: request.id })).toEqual({ kind: 'open' });
      expect(await removals.remove({ ...removal, id: made })).toMatchObject({ kind: 'removed' });
      expect(await removals.isRemoved('1.png')).toBe(true);
    });

    it('removes an upload of the organization, used or not', async () => {
      const { store, uploads, removals } = test.current;
      const limits = { ofKey: 100, ofOrganization: 100 };
      const owner = { organizationId: 'org-a', apiKeyId: 'key-1', via: 'service', bytes: 100, endsAt: start } as const;
      await uploads.grant({ ...owner, name: 'up.png' }, limits);
      await uploads.take('up.png', { bytes: 100, sha256: 'hash', endsAt: start });
      await submitOne(store, { uses: ['other.png'] });
      expect(await removals.removeUpload({ ...removal, name: 'none.png' })).toBe(false);
      expect(await removals.removeUpload({ ...removal, organizationId: 'org-b', name: 'up.png' })).toBe(false);
      expect(await removals.removeUpload({ ...removal, name: 'up.png' })).toBe(true);
      expect(await removals.removeUpload({ ...removal, name: 'up.png' })).toBe(true);
      expect(await takeMedia()).toEqual(['up.png']);
      expect(await uploads.grant({ ...owner, name: 'next.png' }, limits)).toBeUndefined();
    });

    it('removes an organization piece by piece, and nothing of another', async () => {
      const { store, uploads, removals } = test.current;
      const limits = { ofKey: 1_000, ofOrganization: 1_000 };
      const owner = { organizationId: 'org-a', apiKeyId: 'key-1', via: 'service', bytes: 1, endsAt: start } as const;
      for (const name of ['1.png', '2.png', '3.png']) {
        await makeOne(name);
        await uploads.grant({ ...owner, name: `up-${name}` }, limits);
      }
      const other = await submitOne(store, { organizationId: 'org-b' });
      await store.cancel('org-b', other, start);
      const pieces = [];
      do pieces.push(await removals.removeOrganization({ ...removal, limit: 2 }));
      while ((pieces.at(-1)?.requests ?? 0) + (pieces.at(-1)?.uploads ?? 0) > 0);
      expect(pieces).toEqual([
        { requests: 2, uploads: 2 },
        { requests: 1, uploads: 1 },
        { requests: 0, uploads: 0 },
      ]);
      expect((await store.list({ organizationId: 'org-a', limit: 9 })).total).toBe(0);
      expect(await store.find('org-b', other)).toBeDefined();
      expect(await removals.listOrganizations({ limit: 9 })).toEqual(['org-a', 'org-b']);
      expect(await removals.listOrganizations({ after: 'org-a', limit: 9 })).toEqual(['org-b']);
    });

    it('forgets deliveries that ended, in the order of their creation, and keeps those that wait', async () => {
      const { webhooks, removals } = test.current;
      await webhooks.createEndpoint(toNewEndpoint(), 5);
      await makeOne('1.png');
      const [delivery] = await claimDueDeliveries(webhooks);
      if (!delivery) throw new Error('There was no delivery to take.');
      await webhooks.endTry(delivery, { kind: 'delivered', tried: { at: start, httpStatus: 200 } });
      const list = async () => await webhooks.listDeliveries({ organizationId: 'org-a', limit: 9 });
      const before = await list();
      expect(await removals.forgetDeliveries({ createdUntil: start - 1, after: 0, limit: 9 })).toMatchObject({
        removed: 0,
      });
      expect(await removals.forgetDeliveries({ createdUntil: start, after: 0, limit: 1 })).toMatchObject({
        removed: 1,
      });
      expect(await list()).toHaveLength(before.length - 1);
    });
  });
}
