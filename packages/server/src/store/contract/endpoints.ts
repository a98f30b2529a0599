import { describe, expect, it } from 'vitest';
import { claimDueDeliveries, leaseMs, spreadAllNews, start, submitOne, toNewEndpoint } from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

const now = start + 1_000;
const tried = { at: now, httpStatus: 500, answer: 'Oh no.', failure: 'The receiver answered 500.' } as const;

export function describeEndpoints(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  describe('webhook endpoints', () => {
    it('are kept and listed oldest first, only to their organization', async () => {
      const { webhooks } = test.current;
      const older = toNewEndpoint({ id: 'older', events: ['request.failed'], oldSecretUntil: now, secretVersion: 2 });
      const newer = toNewEndpoint({ id: 'newer', createdAt: now, failures: 2, failingSince: start });
      await webhooks.createEndpoint(newer, 50);
      await webhooks.createEndpoint(older, 50);
      const { webhooks: other } = await test.current.connect();
      expect(await other.listEndpoints('org-a')).toEqual([older, newer]);
      expect(await other.findEndpoint('org-a', 'newer')).toEqual(newer);
      expect(await other.listEndpoints('org-b')).toEqual([]);
      expect(await other.findEndpoint('org-b', 'newer')).toBeUndefined();
    });

    it('are created once', async () => {
      const { webhooks } = test.current;
      await webhooks.createEndpoint(toNewEndpoint(), 50);
      await expect(webhooks.createEndpoint(toNewEndpoint({ organizationId: 'org-b' }), 50)).rejects.toThrow();
    });

    it('are refused when the organization has as many as it may, even when several are created at the same time', async () => {
      const { webhooks } = test.current;
      const { webhooks: other } = await test.current.connect();
      const create = (index: number, organizationId = 'org-a') =>
        (index % 2 ? webhooks : other).createEndpoint(
          toNewEndpoint({ id: `${organizationId}-${index}`, organizationId }),
          5,
        );
      const created = await Promise.all(Array.from({ length: 20 }, (_, index) => create(index)));
      expect(created.filter(Boolean)).toHaveLength(5);
      const kept = await webhooks.listEndpoints('org-a');
      expect(kept).toHaveLength(5);
      expect(await create(0, 'org-b')).toBe(true);
      await webhooks.deleteEndpoint('org-a', kept[0]?.id ?? '');
      expect([await create(20), await create(21)]).toEqual([true, false]);
    });

    it('change only what is given', async () => {
      const { webhooks } = test.current;
      await webhooks.createEndpoint(toNewEndpoint(), 50);
      const changed = toNewEndpoint({ url: 'https://b.example/hook', secretVersion: 2, oldSecretUntil: now });
      const { url, secretVersion, oldSecretUntil } = changed;
      expect(await webhooks.updateEndpoint('org-a', 'endpoint-1', { url, secretVersion, oldSecretUntil })).toEqual(
        changed,
      );
      expect(await webhooks.findEndpoint('org-a', 'endpoint-1')).toEqual(changed);
      expect(await webhooks.updateEndpoint('org-b', 'endpoint-1', { url: 'https://c.example' })).toBeUndefined();
      expect(await webhooks.findEndpoint('org-a', 'endpoint-1')).toEqual(changed);
    });

    it('whose URL changes get their pending deliveries at the new one', async () => {
      const { store, webhooks } = test.current;
      await webhooks.createEndpoint(toNewEndpoint(), 50);
      await submitOne(store);
      await webhooks.updateEndpoint('org-a', 'endpoint-1', { url: 'https://b.example/hook' });
      const [delivery] = await claimDueDeliveries(webhooks);
      expect(delivery?.url).toBe('https://b.example/hook');
      if (delivery) await webhooks.endTry(delivery, { kind: 'delivered', tried: { at: now, httpStatus: 200 } });
      await webhooks.updateEndpoint('org-a', 'endpoint-1', { url: 'https://c.example/hook' });
      const [delivered] = await webhooks.listDeliveries({ organizationId: 'org-a', limit: 1 });
      expect(delivered?.url).toBe('https://b.example/hook');
    });

    it('count the failed tries in a row, from the first, until one succeeds', async () => {
      const { store, webhooks } = test.current;
      await webhooks.createEndpoint(toNewEndpoint(), 50);
      await submitOne(store);
      for (const [failures, at] of [
        [1, now],
        [2, now + leaseMs],
      ] as const) {
        const [delivery] = await claimDueDeliveries(webhooks, { now: at });
        if (delivery) await webhooks.endTry(delivery, { kind: 'retry', tried: { ...tried, at }, nextAt: at });
        expect(await webhooks.findEndpoint('org-a', 'endpoint-1')).toMatchObject({ failures, failingSince: now });
      }
      const [delivery] = await claimDueDeliveries(webhooks, { now: now + leaseMs });
      if (delivery) await webhooks.endTry(delivery, { kind: 'delivered', tried: { at: now, httpStatus: 200 } });
      expect(await webhooks.findEndpoint('org-a', 'endpoint-1')).toEqual(toNewEndpoint());
    });

    it('keep their deliveries while they are paused; waiting ones are due at once when they are resumed', async () => {
      const { store, webhooks } = test.current;
      await webhooks.createEndpoint(toNewEndpoint(), 50);
      await submitOne(store);
      const [delivery] = await claimDueDeliveries(webhooks, { now });
      const pause = { at: now, reason: 'It kept failing.' };
      if (delivery) await webhooks.endTry(delivery, { kind: 'retry', tried, nextAt: now + 9 * leaseMs, pause });
      const paused = { pausedAt: now, pauseReason: 'It kept failing.' };
      expect(await webhooks.findEndpoint('org-a', 'endpoint-1')).toMatchObject(paused);
      const id = await submitOne(store);
      const later = { now: now + 99 * leaseMs, limit: 9, leaseMs };
      expect(await webhooks.claim(later)).toEqual({ deliveries: [], nextAt: undefined });
      const resumed = await webhooks.updateEndpoint('org-a', 'endpoint-1', { pausedAt: undefined });
      expect(resumed).toEqual(toNewEndpoint());
      const due = await claimDueDeliveries(webhooks, { now });
      expect(due.map(({ requestId }) => requestId).toSorted()).toEqual([delivery?.requestId, id].toSorted());
    });

    it('give up pending deliveries when they are deleted, and those under way are not sent again', async () => {
      const { store, webhooks } = test.current;
      await webhooks.createEndpoint(toNewEndpoint(), 50);
      const id = await submitOne(store);
      const [delivery] = await claimDueDeliveries(webhooks);
      await store.cancel('org-a', id, now);
      await spreadAllNews(webhooks);
      expect(await webhooks.deleteEndpoint('org-b', 'endpoint-1')).toBe(false);
      expect(await webhooks.deleteEndpoint('org-a', 'endpoint-1')).toBe(true);
      expect(await webhooks.deleteEndpoint('org-a', 'endpoint-1')).toBe(false);
      if (delivery) await webhooks.endTry(delivery, { kind: 'retry', tried, nextAt: now });
      expect(await webhooks.claim({ now: now + leaseMs, limit: 9, leaseMs })).toEqual({
        deliveries: [],
        nextAt: undefined,
      });
      const left = await webhooks.listDeliveries({ organizationId: 'org-a', limit: 9 });
      expect(left.map(({ status }) => status)).toEqual(['failed', 'failed']);
      expect(await webhooks.resend('org-a', left[0]?.id ?? '', now)).toBeUndefined();
    });
  });

  describe("an organization's own secret", () => {
    it('has version 1 until it is rotated, one version at a time, separately for each organization', async () => {
      const { webhooks } = test.current;
      expect(await webhooks.secretOf('org-a')).toEqual({ version: 1, oldUntil: undefined });
      expect(await webhooks.rotateSecret('org-a', now)).toEqual({ version: 2 });
      expect(await webhooks.rotateSecret('org-a', now + 1)).toEqual({ version: 3 });
      expect(await webhooks.secretOf('org-a')).toEqual({ version: 3, oldUntil: now + 1 });
      expect(await webhooks.secretOf('org-b')).toEqual({ version: 1, oldUntil: undefined });
    });
  });
}
