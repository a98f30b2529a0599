import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../core/image-request.ts';
import { type RequestWebhook, type WebhookDelivery, webhookEvents } from '../../core/webhooks.ts';
import { spreadAtOnce } from '../rows/webhook-rows.ts';
import type { WebhookStore } from '../webhook-store.ts';
import {
  beginOne,
  claimDueDeliveries,
  claimOne,
  failureOutcome,
  leaseMs,
  spreadAllNews,
  start,
  submitOne,
  successOutcome,
  toNewEndpoint,
  toNewRequest,
} from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

const now = start + leaseMs;
const own: RequestWebhook = { url: 'https://own.example/hook', events: ['request.success', 'request.cancelled'] };
const succeed: Verdict = { kind: 'succeed', outcome: successOutcome };

/** Oldest first. */
async function listAll(webhooks: WebhookStore, organizationId = 'org-a'): Promise<readonly WebhookDelivery[]> {
  await spreadAllNews(webhooks);
  return (await webhooks.listDeliveries({ organizationId, limit: 1_000 })).toReversed();
}

function toEvents(deliveries: readonly WebhookDelivery[]): readonly string[] {
  return deliveries.map(({ event }) => event);
}

export function describeOutbox(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  describe('the outbox', () => {
    it('has one delivery for each status that a request gets, due at once', async () => {
      const { store, webhooks, events } = test.current;
      await webhooks.createEndpoint(toNewEndpoint(), 50);
      const { lease } = await beginOne(store);
      await store.settle({ lease, ends: [], verdict: { kind: 'interrupt' }, now });
      const again = await claimOne(store, now);
      await store.settle({ lease: again.lease, ends: [], verdict: succeed, now });
      const deliveries = await listAll(webhooks);
      const statuses = ['queued', 'processing', 'queued', 'processing', 'success'];
      expect(toEvents(deliveries)).toEqual(statuses.map((status) => `request.${status}`));
      const history = await events.ofRequest('org-a', lease.requestId, { after: 0, limit: 99 });
      expect(deliveries[4]).toEqual({
        id: expect.stringMatching(/^msg_[\w-]{24}$/),
        organizationId: 'org-a',
        requestId: lease.requestId,
        endpointId: 'endpoint-1',
        url: 'https://a.example/hook',
        event: 'request.success',
        seq: history.at(-1)?.seq,
        status: 'pending',
        tries: 0,
        createdAt: now,
        nextAt: now,
        lastTry: undefined,
      });
    });

    it("tells the request's own URL what its submit asked for", async () => {
      const { store, webhooks } = test.current;
      const id = await submitOne(store, { webhook: own });
      await submitOne(store);
      await store.cancel('org-a', id, now);
      const expected = { requestId: id, endpointId: undefined, url: own.url, event: 'request.cancelled' };
      expect(await listAll(webhooks)).toMatchObject([expected]);
      expect(await claimDueDeliveries(webhooks, { now })).toMatchObject([expected]);
    });

    it('tells every endpoint of the organization that asks for the event, and none of another', async () => {
      const { store, webhooks } = test.current;
      await webhooks.createEndpoint(toNewEndpoint({ id: 'all' }), 50);
      await webhooks.createEndpoint(toNewEndpoint({ id: 'ends', events: ['request.success', 'request.failed'] }), 50);
      await webhooks.createEndpoint(toNewEndpoint({ id: 'foreign', organizationId: 'org-b' }), 50);
      const id = await submitOne(store, { webhook: own });
      await store.expire({
        now: start + 3_600_000,
        limit: 1,
        decide: () => ({ kind: 'fail', outcome: failureOutcome }),
      });
      const told = (await listAll(webhooks)).map(({ endpointId, event }) => [endpointId, event]);
      expect(told).toEqual([
        ['all', 'request.queued'],
        ['all', 'request.failed'],
        ['ends', 'request.failed'],
      ]);
      expect(await listAll(webhooks, 'org-b')).toEqual([]);
      expect((await store.find('org-a', id))?.status).toBe('failed');
    });

    it('is written with the status or not at all: nothing that was refused or rolled back is told', async () => {
      const { store, webhooks } = test.current;
      const { lease } = await beginOne(store);
      await webhooks.createEndpoint(toNewEndpoint(), 50);
      await expect(store.submit(toNewRequest({ id: lease.requestId }))).rejects.toThrow();
      const decide = () => {
        throw new Error('no verdict');
      };
      await expect(store.rescue({ now, limit: 1, decide })).rejects.toThrow('no verdict');
      const stale = { ...lease, token: 'stale' };
      expect(await store.settle({ lease: stale, ends: [], verdict: succeed, now })).toBe(false);
      expect(await store.requeue([lease.requestId], now)).toEqual([]);
      expect(await listAll(webhooks)).toEqual([]);
      await store.rescue({ now, limit: 1, decide: () => succeed });
      expect(toEvents(await listAll(webhooks))).toEqual(['request.success']);
    });

    it('has nothing of a cancel that found the request ended', async () => {
      const { store, webhooks } = test.current;
      const id = await submitOne(store, { webhook: own });
      await store.cancel('org-a', id, now);
      await store.cancel('org-a', id, now);
      expect(await listAll(webhooks)).toHaveLength(1);
    });

    it('tells an endpoint nothing that happened before it was created, even when others are still to be told', async () => {
      const { store, webhooks } = test.current;
      await webhooks.createEndpoint(toNewEndpoint({ id: 'early' }), 50);
      const id = await submitOne(store);
      await webhooks.createEndpoint(toNewEndpoint({ id: 'late' }), 50);
      await store.cancel('org-a', id, now);
      const told = (await listAll(webhooks)).map(({ endpointId, event }) => [endpointId, event]);
      expect(told).toEqual([
        ['early', 'request.queued'],
        ['early', 'request.cancelled'],
        ['late', 'request.cancelled'],
      ]);
    });

    it('tells any number of endpoints, a bounded number at a time, every event once and in order', async () => {
      const { store, webhooks } = test.current;
      const other = await test.current.connect();
      const endpoints = Array.from({ length: 2 * spreadAtOnce + 30 }, (_, index) => `endpoint-${index}`);
      for (const id of endpoints) await webhooks.createEndpoint(toNewEndpoint({ id }), 1_000);
      const id = await submitOne(store, { webhook: { ...own, events: webhookEvents } });
      await store.cancel('org-a', id, now);
      expect(await webhooks.listDeliveries({ organizationId: 'org-a', limit: 1_000 })).toEqual([]);
      let rounds = 0;
      for (let known = 0; known < 2 * (endpoints.length + 1); rounds += 1) {
        const spread = await Promise.all(
          [webhooks, other.webhooks].map((one) => one.claim({ now: 0, limit: 0, leaseMs })),
        );
        const all = await webhooks.listDeliveries({ organizationId: 'org-a', limit: 1_000 });
        expect(all.length - known).toBeLessThanOrEqual(2 * (spreadAtOnce + 1));
        known = all.length;
        if (known < 2 * (endpoints.length + 1)) expect(spread.map(({ nextAt }) => nextAt)).toContain(0);
      }
      expect(rounds).toBeGreaterThan(1);
      const all = await listAll(webhooks);
      for (const endpointId of [undefined, ...endpoints])
        expect(toEvents(all.filter((one) => one.endpointId === endpointId))).toEqual([
          'request.queued',
          'request.cancelled',
        ]);
      expect(await claimDueDeliveries(webhooks, { now, limit: 1_000 })).toHaveLength(endpoints.length + 1);
    });
  });
}
