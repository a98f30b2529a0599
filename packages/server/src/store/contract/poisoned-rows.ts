import { describe, expect, it } from 'vitest';
import type { WebhookDelivery } from '../../core/webhooks.ts';
import {
  beginOne,
  claimDueDeliveries,
  claimMany,
  failureOutcome,
  leaseMs,
  order,
  picture,
  start,
  submitOne,
  successOutcome,
  toCallEnd,
  toNewEndpoint,
} from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

const later = start + leaseMs + 1;
const ended = { status: 'failed', outcome: { kind: 'failure', failure: { code: 'internal_error' } } };
const succeed = { kind: 'succeed', outcome: successOutcome } as const;
const interrupt = () => ({ kind: 'interrupt' }) as const;
const fail = () => ({ kind: 'fail', outcome: failureOutcome }) as const;

/** One row that the database refuses, among others that it accepts. */
export function describePoisonedRows(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  const statusOf = async (id: string) => (await test.current.store.find('org-a', id))?.status;

  describe('a request that the database refuses to write', () => {
    it.each([
      ['the lines of its calls', 'attempts', 'INSERT', 'NEW.request_id = $id'],
      ['its lease', 'requests', 'UPDATE', "NEW.id = $id AND NEW.status = 'processing'"],
    ] as const)('stops no claim of others and is ended, when %s is refused', async (_what, table, event, when) => {
      const { store, budgets } = test.current;
      await budgets.set({ scope: 'organization', id: 'org-a', period: 'day', limitMicros: 1e9 }, start);
      const ids = [await submitOne(store), await submitOne(store), await submitOne(store)];
      const [poisoned = '', ...others] = ids;
      await test.current.refuse({ table, event, when: when.replace('$id', `'${poisoned}'`) });
      const claimed = await claimMany(store, 9);
      expect(claimed.map(({ request }) => request.id)).toEqual(others);
      expect(await store.find('org-a', poisoned)).toMatchObject(ended);
      expect((await store.list({ organizationId: 'org-a', status: 'queued', limit: 9 })).total).toBe(0);
      expect(await budgets.list({ now: start })).toMatchObject([{ usedMicros: 2 * 134_000 }]);
    });

    it('stops no claim of others when it waits for a retry and cannot become ready', async () => {
      const { store } = test.current;
      const { lease } = await beginOne(store);
      const retry = { kind: 'retry', availableAt: start + 1, code: 'upstream_overloaded' } as const;
      await store.settle({ lease, ends: [toCallEnd({ result: 'failed' })], verdict: retry, now: start });
      await test.current.refuse({
        table: 'requests',
        event: 'UPDATE',
        when: `NEW.id = '${lease.requestId}' AND NEW.ready <> OLD.ready AND NEW.status = 'queued'`,
      });
      const other = await submitOne(store);
      expect((await claimMany(store, 9, start + 2)).map(({ request }) => request.id)).toEqual([other]);
      expect(await store.find('org-a', lease.requestId)).toMatchObject(ended);
    });

    it('is left out when it cannot even be ended, and others of every organization go on', async () => {
      const { store } = test.current;
      const poisoned = await submitOne(store);
      await test.current.refuse({ table: 'requests', event: 'UPDATE', when: `NEW.id = '${poisoned}'` });
      const others = [await submitOne(store, { organizationId: 'org-b' }), await submitOne(store)];
      const claims = [...(await claimMany(store, 9)), ...(await claimMany(store, 9))];
      expect(claims.map(({ request }) => request.id).sort()).toEqual([...others].sort());
      const more = await submitOne(store, { organizationId: 'org-c' });
      expect((await claimMany(store, 9)).map(({ request }) => request.id)).toEqual([more]);
      expect(await statusOf(poisoned)).toBe('queued');
    });

    it('is not ended when the fault is in every row', async () => {
      const { store } = test.current;
      const ids: string[] = [];
      for (let i = 0; i < 9; i++) ids.push(await submitOne(store));
      await test.current.refuse({ table: 'attempts', event: 'INSERT', when: 'NEW.number > 0' });
      await expect(claimMany(store, 9)).rejects.toThrow('refused');
      const statuses = await Promise.all(ids.map(statusOf));
      expect(statuses.filter((status) => status === 'queued').length).toBeGreaterThanOrEqual(6);
    });

    it('keeps its outcome when only its webhook is refused; others are settled with it', async () => {
      const { store, webhooks } = test.current;
      await webhooks.createEndpoint(toNewEndpoint({ events: ['request.success'] }), 9);
      const [poisoned, other] = [await beginOne(store), await beginOne(store)];
      const id = poisoned.request.id;
      await test.current.refuse({ table: 'webhook_news', event: 'INSERT', when: `NEW.request_id = '${id}'` });
      const answer = { parts: [{ kind: 'picture', picture }] } as const;
      const settled = await Promise.all([
        store.settle({ lease: poisoned.lease, ends: [toCallEnd({ answer })], verdict: succeed, now: start }),
        store.settle({ lease: other.lease, ends: [toCallEnd()], verdict: succeed, now: start }),
      ]);
      expect(settled).toEqual([true, true]);
      expect(await store.find('org-a', id)).toMatchObject({ status: 'success', costMicros: 134_000 });
      expect(await store.findAnswer('org-a', picture.name)).toEqual(answer);
      expect((await claimDueDeliveries(webhooks)).map(({ requestId }) => requestId)).toEqual([other.request.id]);
    });

    it('ends with what it has cost when its outcome is refused', async () => {
      const { store } = test.current;
      const { lease, request } = await beginOne(store);
      await test.current.refuse({
        table: 'requests',
        event: 'UPDATE',
        when: `NEW.id = '${request.id}' AND NEW.status = 'success'`,
      });
      expect(await store.settle({ lease, ends: [toCallEnd()], verdict: succeed, now: start })).toBe(false);
      expect(await store.find('org-a', request.id)).toMatchObject({ ...ended, costMicros: 134_000 });
    });

    it('is released by its worker when none of it can be written', async () => {
      const { store } = test.current;
      const { lease, request } = await beginOne(store);
      await test.current.refuse({ table: 'requests', event: 'UPDATE', when: `NEW.id = '${request.id}'` });
      expect(await store.settle({ lease, ends: [toCallEnd()], verdict: succeed, now: start })).toBe(false);
    });

    it('can be cancelled when only its webhook is refused', async () => {
      const { store, webhooks } = test.current;
      await webhooks.createEndpoint(toNewEndpoint({ events: ['request.cancelled'] }), 9);
      const id = await submitOne(store);
      await test.current.refuse({ table: 'webhook_news', event: 'INSERT', when: `NEW.request_id = '${id}'` });
      expect(await store.cancel('org-a', id, start)).toMatchObject({ status: 'cancelled' });
      expect(await statusOf(id)).toBe('cancelled');
    });

    it('stops no rescue of others and is ended', async () => {
      const { store } = test.current;
      const claims = [await beginOne(store), await beginOne(store), await beginOne(store)];
      const [poisoned = '', ...others] = claims.map(({ request }) => request.id);
      const when = `NEW.id = '${poisoned}' AND NEW.status = 'queued'`;
      await test.current.refuse({ table: 'requests', event: 'UPDATE', when });
      const rescued = await store.rescue({ now: later, limit: 9, decide: interrupt });
      expect(rescued.map(({ id }) => id).toSorted()).toEqual(others.toSorted());
      expect(await store.find('org-a', poisoned)).toMatchObject(ended);
    });

    it('stops no rescue of the calls that others have left behind', async () => {
      const { store } = test.current;
      const claims = [await beginOne(store), await beginOne(store)];
      const [poisoned = '', other = ''] = claims.map(({ request }) => request.id);
      for (const id of [poisoned, other]) await store.cancel('org-a', id, start);
      const when = `NEW.request_id = '${poisoned}' AND NEW.result = 'lost'`;
      await test.current.refuse({ table: 'attempts', event: 'UPDATE', when });
      const lost = await beginOne(store);
      for (let i = 0; i < 3; i++) await store.rescue({ now: later, limit: 9, decide: interrupt }).catch(() => []);
      expect(await statusOf(lost.request.id)).toBe('queued');
      expect(await store.attempts('org-a', other)).toMatchObject([{ result: 'lost' }]);
    });

    it('stops no expiry of others and is ended', async () => {
      const { store } = test.current;
      const deadlineAt = start + 10;
      const ids = [await submitOne(store, { deadlineAt }), await submitOne(store, { deadlineAt })];
      const [poisoned = '', other = ''] = ids;
      const when = `NEW.id = '${poisoned}' AND NEW.outcome LIKE '%prompt_blocked%'`;
      await test.current.refuse({ table: 'requests', event: 'UPDATE', when });
      expect(await store.expire({ now: later, limit: 9, decide: fail })).toMatchObject([{ id: other }]);
      expect(await store.find('org-a', poisoned)).toMatchObject(ended);
    });

    it('costs no other its lease', async () => {
      const { store } = test.current;
      const [poisoned, other] = [await beginOne(store), await beginOne(store)];
      const when = `NEW.id = '${poisoned.request.id}'`;
      await test.current.refuse({ table: 'requests', event: 'UPDATE', when });
      const lost = await store.renew([poisoned.lease, other.lease], { now: later, leaseMs });
      expect(lost).toEqual([poisoned.lease]);
      await store.rescue({ now: later, limit: 9, decide: interrupt }).catch(() => []);
      expect(await statusOf(other.request.id)).toBe('processing');
    });

    it('does not prevent others from being queued again', async () => {
      const { store } = test.current;
      const ids = [await submitOne(store), await submitOne(store)];
      const [poisoned = '', other = ''] = ids;
      for (const id of ids) await store.cancel('org-a', id, start);
      await test.current.refuse({ table: 'requests', event: 'UPDATE', when: `NEW.id = '${poisoned}'` });
      expect(await store.requeue(ids, start)).toMatchObject([{ id: other }]);
    });
  });

  describe('a request whose row our own code cannot handle', () => {
    it('stops no rescue of others and is ended', async () => {
      const { store } = test.current;
      // Another program, or a mistake: the verdict fails on it.
      const odd = await submitOne(store, { order: { ...order, conversation: [] } });
      const other = await submitOne(store);
      await claimMany(store, 9);
      const decide = ({ order: { conversation } }: { readonly order: typeof order }) => {
        if (conversation.length === 0) throw new TypeError('There is no turn.');
        return interrupt();
      };
      expect(await store.rescue({ now: later, limit: 9, decide })).toMatchObject([{ id: other }]);
      expect(await store.find('org-a', odd)).toMatchObject(ended);
    });
  });

  describe('a delivery that the database refuses to write', () => {
    it('stops no other and is given up', async () => {
      const { store, webhooks } = test.current;
      await webhooks.createEndpoint(toNewEndpoint(), 9);
      await webhooks.createEndpoint(toNewEndpoint({ id: 'endpoint-b', organizationId: 'org-b' }), 9);
      const poisoned = await submitOne(store);
      const others = [await submitOne(store), await submitOne(store, { organizationId: 'org-b' })];
      const when = `NEW.request_id = '${poisoned}' AND NEW.status = 'pending'`;
      await test.current.refuse({ table: 'webhook_deliveries', event: 'UPDATE', when });
      const taken = [...(await claimDueDeliveries(webhooks)), ...(await claimDueDeliveries(webhooks))];
      expect(taken.map(({ requestId }) => requestId).sort()).toEqual([...others].sort());
      const list = await webhooks.listDeliveries({ organizationId: 'org-a', requestId: poisoned, limit: 5 });
      expect(list).toMatchObject([{ status: 'failed' }]);
    });

    it('is given up when the end of its try is refused, and the next one of its line follows', async () => {
      const { store, webhooks } = test.current;
      await webhooks.createEndpoint(toNewEndpoint(), 9);
      const id = await submitOne(store);
      await store.cancel('org-a', id, start);
      const [first] = await claimDueDeliveries(webhooks);
      if (!first) throw new Error('There was no delivery to take.');
      const when = `NEW.request_id = '${id}' AND NEW.status = 'delivered'`;
      await test.current.refuse({ table: 'webhook_deliveries', event: 'UPDATE', when });
      await webhooks.endTry(first, { kind: 'delivered', tried: { at: start, httpStatus: 200 } });
      expect(await claimDueDeliveries(webhooks)).toMatchObject([{ event: 'request.cancelled' }]);
    });
  });

  describe('news for which the database refuses to make a delivery', () => {
    const refuseDeliveries = (when: string) =>
      test.current.refuse({ table: 'webhook_deliveries', event: 'INSERT', when });
    const toAddresses = (deliveries: readonly WebhookDelivery[]) =>
      deliveries.map(({ requestId, endpointId = 'own' }) => `${requestId} ${endpointId}`).sort();

    it.each([
      ['an endpoint', 'endpoint-2', ['endpoint-1', 'endpoint-3', 'own']],
      ['its own address', '', ['endpoint-1', 'endpoint-2', 'endpoint-3']],
    ])('stop no others, and are told to all but %s that is refused', async (_what, refused, told) => {
      const { store, webhooks } = test.current;
      for (const id of ['endpoint-1', 'endpoint-2', 'endpoint-3'])
        await webhooks.createEndpoint(toNewEndpoint({ id, events: ['request.queued'] }), 9);
      await webhooks.createEndpoint(toNewEndpoint({ id: 'endpoint-b', organizationId: 'org-b' }), 9);
      const before = await submitOne(store, { organizationId: 'org-b' });
      const poisoned = await submitOne(store, { webhook: { url: 'https://own.example', events: ['request.queued'] } });
      const after = await submitOne(store, { organizationId: 'org-b' });
      await refuseDeliveries(`NEW.request_id = '${poisoned}' AND NEW.endpoint_id = '${refused}'`);
      const taken = [...(await claimDueDeliveries(webhooks)), ...(await claimDueDeliveries(webhooks))];
      const expected = [`${before} endpoint-b`, `${after} endpoint-b`, ...told.map((id) => `${poisoned} ${id}`)];
      expect(toAddresses(taken)).toEqual(expected.sort());
      expect((await webhooks.claim({ now: start, limit: 9, leaseMs })).nextAt).toBe(start + leaseMs);
    });

    it('are ended when the request has an address that cannot be read', async () => {
      const { store, webhooks } = test.current;
      await webhooks.createEndpoint(toNewEndpoint(), 9);
      const poisoned = await submitOne(store, { webhook: { url: 'https://own.example', events: ['request.queued'] } });
      const other = await submitOne(store);
      await test.current.spoil(`UPDATE requests SET webhook = '{"url":' WHERE id = '${poisoned}'`);
      const taken = await claimDueDeliveries(webhooks);
      expect(toAddresses(taken)).toEqual([`${poisoned} endpoint-1`, `${other} endpoint-1`].sort());
    });

    it('are left out with all later news of their request when they cannot even be ended', async () => {
      const { store, webhooks } = test.current;
      await webhooks.createEndpoint(toNewEndpoint(), 9);
      const poisoned = await submitOne(store);
      await refuseDeliveries(`NEW.request_id = '${poisoned}' AND NEW.event = 'request.queued'`);
      const when = `NEW.request_id = '${poisoned}'`;
      await test.current.refuse({ table: 'webhook_news', event: 'UPDATE', when });
      await store.cancel('org-a', poisoned, start);
      const others = [await submitOne(store), await submitOne(store)];
      const taken = [...(await claimDueDeliveries(webhooks)), ...(await claimDueDeliveries(webhooks))];
      expect(toAddresses(taken)).toEqual(others.map((id) => `${id} endpoint-1`).sort());
    });

    it('are not ended when the fault is in every row, and earlier deliveries are made', async () => {
      const { store, webhooks } = test.current;
      await webhooks.createEndpoint(toNewEndpoint({ url: 'https://refused.example' }), 9);
      await webhooks.createEndpoint(toNewEndpoint({ id: 'endpoint-b', organizationId: 'org-b' }), 9);
      const before = [1, 2, 3].map(() => submitOne(store, { organizationId: 'org-b' }));
      const known = await Promise.all(before);
      await webhooks.claim({ now: 0, limit: 0, leaseMs });
      await refuseDeliveries(`NEW.url = 'https://refused.example'`);
      for (let i = 0; i < 9; i++) await submitOne(store);
      const taken = [...(await claimDueDeliveries(webhooks, { limit: 2 })), ...(await claimDueDeliveries(webhooks))];
      expect(toAddresses(taken)).toEqual(known.map((id) => `${id} endpoint-b`).sort());
      await webhooks.updateEndpoint('org-a', 'endpoint-1', { url: 'https://good.example' });
      const late = { now: later + 1_000 };
      const rest = [...(await claimDueDeliveries(webhooks, late)), ...(await claimDueDeliveries(webhooks, late))];
      expect(rest.filter(({ url }) => url === 'https://good.example')).toHaveLength(6);
    });
  });
}
