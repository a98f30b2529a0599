import { describe, expect, it } from 'vitest';
import type { RequestWebhook, WebhookDelivery } from '../../core/webhooks.ts';
import { webhookEvents } from '../../core/webhooks.ts';
import type { RequestStore } from '../request-store.ts';
import type { WebhookStore } from '../webhook-store.ts';
import { claimDueDeliveries, leaseMs, start, submitOne, toNewEndpoint } from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

const now = start + 1_000;
const own: RequestWebhook = { url: 'https://own.example/hook', events: webhookEvents };
const refused = { at: now, httpStatus: 500, answer: 'Oh no.', failure: 'The receiver answered 500.' } as const;
const taken = { at: now, httpStatus: 200, answer: '' } as const;

/** Takes the delivery that is due. */
async function claimOnly(webhooks: WebhookStore, at = now): Promise<WebhookDelivery> {
  const [delivery, ...others] = await claimDueDeliveries(webhooks, { now: at });
  if (!delivery || others.length > 0) throw new Error(`${others.length + (delivery ? 1 : 0)} deliveries were due.`);
  return delivery;
}

/** A request with two events to tell its own URL. */
async function cancelOne(store: RequestStore): Promise<string> {
  const id = await submitOne(store, { webhook: own });
  await store.cancel('org-a', id, now);
  return id;
}

export function describeDeliveries(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  describe('the deliveries of webhooks', () => {
    it('are never given to two takers, until a lease has run out', async () => {
      const { store, webhooks } = test.current;
      const other = await test.current.connect();
      await Promise.all(Array.from({ length: 40 }, () => submitOne(store, { webhook: own })));
      const takers = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? webhooks : other.webhooks));
      const first = (await Promise.all(takers.map((taker) => claimDueDeliveries(taker, { now, limit: 3 })))).flat();
      expect(new Set(first.map(({ id }) => id)).size).toBe(first.length);
      expect(first).toHaveLength(40);
      expect(await other.webhooks.claim({ now: now + leaseMs - 1, limit: 9, leaseMs })).toEqual({
        deliveries: [],
        nextAt: now + leaseMs,
      });
      expect(await claimDueDeliveries(other.webhooks, { now: now + leaseMs })).toHaveLength(40);
    });

    it('come in order for each request and address: the next one follows when the one before has ended', async () => {
      const { store, webhooks } = test.current;
      await webhooks.createEndpoint(toNewEndpoint(), 50);
      const id = await cancelOne(store);
      const both = await claimDueDeliveries(webhooks, { now });
      expect(both.map(({ event }) => event)).toEqual(['request.queued', 'request.queued']);
      const [one] = both;
      if (one) await webhooks.endTry(one, { kind: 'failed', tried: refused });
      const next = await claimOnly(webhooks);
      expect(next).toMatchObject({ requestId: id, event: 'request.cancelled', endpointId: one?.endpointId });
    });

    it('that are put off return at their time, with the result of their last try', async () => {
      const { store, webhooks } = test.current;
      await cancelOne(store);
      const delivery = await claimOnly(webhooks);
      expect(delivery).toMatchObject({ tries: 0, lastTry: undefined });
      await webhooks.endTry(delivery, { kind: 'retry', tried: refused, nextAt: now + 5_000 });
      expect(await webhooks.claim({ now: now + 4_999, limit: 9, leaseMs })).toEqual({
        deliveries: [],
        nextAt: now + 5_000,
      });
      const again = await claimOnly(webhooks, now + 5_000);
      expect(again).toMatchObject({ id: delivery.id, event: 'request.queued', tries: 1, lastTry: refused });
    });

    it('end with a moment in the history of their request', async () => {
      const { store, webhooks, events } = test.current;
      const id = await cancelOne(store);
      await webhooks.endTry(await claimOnly(webhooks), { kind: 'delivered', tried: taken });
      const unanswered = { at: now + 1, failure: 'It could not be delivered.' };
      await webhooks.endTry(await claimOnly(webhooks), { kind: 'failed', tried: unanswered });
      const called = { kind: 'called-back', url: own.url } as const;
      const history = await events.ofRequest('org-a', id, { after: 0, limit: 9 });
      expect(history.slice(2)).toMatchObject([
        { at: now, moment: { ...called, isDelivered: true, httpStatus: 200 } },
        { at: now + 1, moment: { ...called, isDelivered: false } },
      ]);
      const ended = await webhooks.listDeliveries({ organizationId: 'org-a', limit: 9 });
      expect(ended).toMatchObject([
        { status: 'failed', tries: 1, lastTry: unanswered },
        { status: 'delivered', tries: 1, lastTry: taken },
      ]);
    });

    it('are not changed by a taker whose lease is gone, unless it reports that they were delivered', async () => {
      const { store, webhooks, events } = test.current;
      const id = await cancelOne(store);
      const late = await claimOnly(webhooks);
      const held = await claimOnly(webhooks, now + leaseMs);
      await webhooks.endTry(late, { kind: 'failed', tried: refused });
      await webhooks.endTry(late, { kind: 'retry', tried: refused, nextAt: now });
      expect(await claimDueDeliveries(webhooks, { now: now + leaseMs })).toEqual([]);
      await webhooks.endTry(late, { kind: 'delivered', tried: taken });
      await webhooks.endTry(held, { kind: 'failed', tried: refused });
      await webhooks.endTry(late, { kind: 'delivered', tried: taken });
      const ended = await webhooks.listDeliveries({ organizationId: 'org-a', status: 'delivered', limit: 9 });
      expect(ended).toMatchObject([{ id: late.id, tries: 1 }]);
      expect(await events.ofRequest('org-a', id, { after: 0, limit: 9 })).toHaveLength(3);
    });

    it('share the takers: an address with a long backlog keeps no other waiting', async () => {
      const { store, webhooks } = test.current;
      for (let index = 0; index < 6; index += 1) await submitOne(store, { webhook: own });
      await submitOne(store, { webhook: own, organizationId: 'org-b', createdAt: start + 1 });
      await submitOne(store, { webhook: own, organizationId: 'org-c', createdAt: start + 2 });
      const takers: string[] = [];
      for (let index = 0; index < 4; index += 1) {
        const [one] = await claimDueDeliveries(webhooks, { now: now + index, limit: 1 });
        takers.push(one?.organizationId ?? '');
      }
      expect(takers).toEqual(['org-a', 'org-b', 'org-c', 'org-a']);
      await submitOne(store, { webhook: own, organizationId: 'org-b', createdAt: now + 4 });
      const both = await claimDueDeliveries(webhooks, { now: now + 4, limit: 2 });
      expect(both.map(({ organizationId }) => organizationId)).toEqual(['org-a', 'org-b']);
    });
  });

  describe('listDeliveries', () => {
    it('returns the deliveries that match, newest first, page by page', async () => {
      const { store, webhooks } = test.current;
      await webhooks.createEndpoint(toNewEndpoint(), 50);
      const first = await cancelOne(store);
      const second = await submitOne(store);
      await submitOne(store, { organizationId: 'org-b', webhook: own });
      const [one] = await claimDueDeliveries(webhooks, { now });
      if (one) await webhooks.endTry(one, { kind: 'delivered', tried: taken });
      const query = { organizationId: 'org-a', limit: 9 };
      const all = await webhooks.listDeliveries(query);
      expect(all.map(({ seq }) => seq)).toEqual(all.map(({ seq }) => seq).toSorted((a, b) => b - a));
      expect(all.map(({ requestId }) => requestId)).toEqual([second, first, first, first, first]);
      const where = (fits: (delivery: WebhookDelivery) => boolean) => all.filter(fits);
      expect(await webhooks.listDeliveries({ ...query, requestId: first })).toEqual(all.slice(1));
      expect(await webhooks.listDeliveries({ ...query, endpointId: 'endpoint-1' })).toEqual(
        where(({ endpointId }) => endpointId === 'endpoint-1'),
      );
      const isPending = (delivery: WebhookDelivery) => delivery.status === 'pending';
      expect(await webhooks.listDeliveries({ ...query, status: 'pending' })).toEqual(where(isPending));
      expect(await webhooks.listDeliveries({ ...query, status: 'pending', requestId: first })).toEqual(
        where((delivery) => isPending(delivery) && delivery.requestId === first),
      );
      const page = await webhooks.listDeliveries({ ...query, limit: 2 });
      const next = await webhooks.listDeliveries({ ...query, cursor: page.at(-1)?.id ?? '' });
      expect([...page, ...next]).toEqual(all);
      expect(await webhooks.listDeliveries({ ...query, organizationId: 'org-b', requestId: first })).toEqual([]);
    });
  });

  describe('resend', () => {
    it('makes a delivery due at once, whatever its status', async () => {
      const { store, webhooks } = test.current;
      await submitOne(store, { webhook: own });
      for (const kind of ['delivered', 'failed'] as const) {
        const delivery = await claimOnly(webhooks);
        await webhooks.endTry(delivery, { kind, tried: kind === 'delivered' ? taken : refused });
        expect(await claimDueDeliveries(webhooks, { now })).toEqual([]);
        const resent = await webhooks.resend('org-a', delivery.id, now);
        expect(resent).toMatchObject({ id: delivery.id, status: 'pending', nextAt: now });
      }
      const delivery = await claimOnly(webhooks);
      expect(delivery.tries).toBe(2);
      await webhooks.endTry(delivery, { kind: 'retry', tried: refused, nextAt: now + 9_000 });
      await webhooks.resend('org-a', delivery.id, now);
      expect((await claimOnly(webhooks)).id).toBe(delivery.id);
    });

    it('goes before later pending deliveries, and does not change what is under way', async () => {
      const { store, webhooks } = test.current;
      await cancelOne(store);
      const first = await claimOnly(webhooks);
      await webhooks.endTry(first, { kind: 'failed', tried: refused });
      await webhooks.resend('org-a', first.id, now);
      expect((await claimOnly(webhooks)).id).toBe(first.id);
      await webhooks.resend('org-a', first.id, now);
      expect(await claimDueDeliveries(webhooks, { now })).toEqual([]);
    });

    it('holds back a later one that its taker has abandoned, until it has ended itself', async () => {
      const { store, webhooks } = test.current;
      await cancelOne(store);
      const first = await claimOnly(webhooks);
      await webhooks.endTry(first, { kind: 'failed', tried: refused });
      const second = await claimOnly(webhooks);
      await webhooks.resend('org-a', first.id, now);
      const again = await claimOnly(webhooks);
      expect([again.id, second.event]).toEqual([first.id, 'request.cancelled']);
      const nextAt = now + 9 * leaseMs;
      await webhooks.endTry(again, { kind: 'retry', tried: refused, nextAt });
      expect(await webhooks.claim({ now: now + leaseMs, limit: 9, leaseMs })).toEqual({ deliveries: [], nextAt });
      await webhooks.endTry(await claimOnly(webhooks, nextAt), { kind: 'delivered', tried: taken });
      expect((await claimOnly(webhooks, nextAt)).id).toBe(second.id);
    });

    it("does not touch another organization's deliveries", async () => {
      const { store, webhooks } = test.current;
      await submitOne(store, { webhook: own });
      const delivery = await claimOnly(webhooks);
      expect(await webhooks.resend('org-b', delivery.id, now)).toBeUndefined();
      expect(await webhooks.resend('org-a', 'another', now)).toBeUndefined();
      expect(await claimDueDeliveries(webhooks, { now })).toEqual([]);
    });
  });
}
