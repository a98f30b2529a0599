import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Organization } from '../../core/organization.ts';
import {
  beginOne,
  claimMany,
  leaseMs,
  picture,
  start,
  submitOne,
  successOutcome,
  toCallEnd,
  toNewEndpoint,
  toNewRequest,
} from './fixtures.ts';
import { type CreateStoreUnderTest, type Stores, useStore } from './use-store.ts';

const organization: Organization = {
  id: 'org-a',
  name: 'Gallery',
  limits: { stored_bytes: 1_000 },
  createdAt: start,
  suspendedAt: undefined,
};
const owner = { organizationId: 'org-a', apiKeyId: 'key-1' };

export function describeOrganizations(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  describe('organizations', () => {
    it('are kept once, beside the default one, and change', async () => {
      const { organizations } = test.current;
      expect(await organizations.create(organization)).toBe(true);
      expect(await organizations.create({ ...organization, name: 'Thief' })).toBe(false);
      expect(await organizations.find('org-a')).toEqual(organization);
      expect((await organizations.list()).map(({ id, storedBytes }) => [id, storedBytes])).toEqual([
        ['default', 0],
        ['org-a', 0],
      ]);
      const changed = { ...organization, name: 'Robots', limits: {} };
      expect(await organizations.change('org-a', { name: 'Robots', limits: {} })).toEqual(changed);
      expect(await organizations.find('org-a')).toEqual(changed);
      expect(await organizations.change('org-b', { name: 'None' })).toBeUndefined();
    });

    it('that are suspended get nothing claimed, also in lanes that come later; what runs ends, and others go on', async () => {
      const { organizations, store } = test.current;
      await organizations.create(organization);
      const running = await beginOne(store);
      const waiting = await submitOne(store);
      expect(await organizations.suspend('org-a', start + 1)).toMatchObject({ suspendedAt: start + 1 });
      expect(await organizations.suspend('org-a', start + 2)).toMatchObject({ suspendedAt: start + 1 });
      const later = await submitOne(store, { model: 'model-2' });
      const other = await submitOne(store, { organizationId: 'org-b' });
      const claimed = async () => (await claimMany(store, 9)).map(({ request }) => request.id);
      expect(await claimed()).toEqual([other]);
      const verdict = { kind: 'succeed', outcome: successOutcome } as const;
      expect(await store.settle({ lease: running.lease, ends: [toCallEnd()], verdict, now: start + 3 })).toBe(true);
      expect(await organizations.resume('org-a')).toMatchObject({ suspendedAt: undefined });
      expect((await claimed()).sort()).toEqual([waiting, later].sort());
      expect(await organizations.suspend('org-z', start)).toBeUndefined();
      expect(await organizations.resume('org-z')).toBeUndefined();
    });

    it('know the bytes of their stored pictures, those that were made and those that were sent', async () => {
      const { organizations, store, uploads } = test.current;
      await makePicture(store, 'made.png');
      await submitOne(store, { inline: [{ path: ['image'], name: 'inline.png', bytes: 9 }] });
      const limits = { ofKey: 1_000, ofOrganization: 1_000 };
      await uploads.grant(
        { ...owner, apiKeyId: 'key-2', name: 'up.png', via: 'service', bytes: 50, endsAt: 5 },
        limits,
      );
      await uploads.take('up.png', { bytes: 40, sha256: 'hash', endsAt: 6 });
      for (const _ of [1, 2]) await uploads.keepLength('up.png', 40);
      const made = picture.bytes + 9;
      expect(await organizations.stored(owner)).toEqual({ ofKey: made, ofOrganization: made + 40 });
      expect(await organizations.stored({ ...owner, apiKeyId: 'key-2' })).toMatchObject({ ofKey: 40 });
      await uploads.claimEnded({ now: 6, limit: 1, leaseMs });
      expect(await organizations.stored(owner)).toEqual({ ofKey: made, ofOrganization: made });
      await test.current.spoil('DELETE FROM requests');
      // Reads of one turn see one state.
      await nextTurn();
      expect(await organizations.stored(owner)).toEqual({ ofKey: 9, ofOrganization: 9 });
      await test.current.spoil('DELETE FROM sent_pictures');
      await nextTurn();
      expect(await organizations.stored(owner)).toEqual({ ofKey: 0, ofOrganization: 0 });
    });

    it('limit what one of their keys has queued', async () => {
      const { store } = test.current;
      await submitOne(store);
      await submitOne(store, { apiKeyId: 'key-2' });
      const submit = () => store.submit(toNewRequest({ maxQueuedOfKey: 2 }));
      const results = await Promise.all([submit(), submit()]);
      expect(results.map(({ kind }) => kind)).toEqual(['submitted', 'queue-full']);
      expect(results[1]).toMatchObject({ limit: { of: 'key', value: 2 } });
    });

    it('are removed only when they are empty, with what belongs to them', async () => {
      const { organizations, store, budgets, webhooks } = test.current;
      await organizations.create(organization);
      const budget = { scope: 'organization', id: 'org-a', period: 'day' } as const;
      await budgets.set({ ...budget, limitMicros: 9_000_000 }, start);
      await webhooks.createEndpoint(toNewEndpoint(), 5);
      await store.cancel('org-a', await submitOne(store), start);
      expect(await organizations.remove('org-a', start)).toBe('not-empty');
      expect(await organizations.find('org-a')).toEqual(organization);
      await test.current.spoil('DELETE FROM webhook_news; DELETE FROM webhook_deliveries; DELETE FROM requests');
      expect(await organizations.remove('org-a', start)).toBe('removed');
      expect(await organizations.find('org-a')).toBeUndefined();
      expect(await budgets.list({ now: start })).toEqual([]);
      expect(await webhooks.listEndpoints('org-a')).toEqual([]);
      expect(await organizations.remove('org-a', start)).toBe('missing');
      expect(await organizations.remove('default', start)).toBe('not-empty');
    });
  });
}

async function makePicture(store: Stores['store'], name: string): Promise<void> {
  const { lease } = await beginOne(store);
  const answer = { parts: [{ kind: 'picture', picture: { ...picture, name } }] } as const;
  const verdict = { kind: 'succeed', outcome: successOutcome } as const;
  await store.settle({ lease, ends: [toCallEnd({ answer })], verdict, now: start });
}
