import { scopes } from '@darkroom/protocol';
import { describe, expect, it } from 'vitest';
import type { Actor, AuditEntry, By } from '../../core/audit.ts';
import { every } from '../../core/upstreams.ts';
import type { AuditQuery } from '../audit-store.ts';
import type { ApiKey } from '../key-store.ts';
import { start, submitOne, toNewEndpoint, upstream } from './fixtures.ts';
import { type CreateStoreUnderTest, type Stores, useStore } from './use-store.ts';

const actor: Actor = { kind: 'key', id: 'key-9', name: 'Operator', address: '192.0.2.7' };
const by: By = { actor, at: start };
const key: ApiKey = {
  id: 'key-1',
  name: 'Gallery',
  secretHash: 'cd'.repeat(32),
  scopes: ['read'],
  limits: { requests_per_minute: 60 },
  cancelWhenGone: false,
  modelIds: undefined,
  organizationIds: ['org-b'],
  createdAt: start,
  expiresAt: undefined,
  revokedAt: undefined,
  lastUsedAt: undefined,
  oldSecret: undefined,
};
const organization = { id: 'org-b', name: 'Robots', limits: {}, createdAt: start, suspendedAt: undefined };
const budget = { scope: 'organization', id: 'org-b', period: 'day' } as const;
const times = { now: start, tombstoneMs: 9_000 };

export function describeAudit(create: CreateStoreUnderTest): void {
  const test = useStore(create);
  const list = async (query: Partial<AuditQuery> = {}) =>
    (await test.current.audit.list({ limit: 50, ...query })).entries;
  /** What the write has added to the log, oldest first. */
  const notesOf = async (write: (stores: Stores) => Promise<unknown>) => {
    const last = (await list())[0]?.seq ?? 0;
    await write(test.current);
    return (await list())
      .filter(({ seq }) => seq > last)
      .map(toNote)
      .reverse();
  };

  describe('the audit log', () => {
    it('notes who changed what, when and from where, and what was before', async () => {
      await test.current.keys.create(key, by);
      await test.current.keys.change('key-1', { name: 'Robot', limits: {} }, { actor, at: start + 1 });
      const about = { actor, target: 'key-1', organizationId: 'org-b', seq: expect.any(Number) };
      const facts = {
        name: 'Gallery',
        organization_ids: ['org-b'],
        scopes: ['read'],
        limits: { requests_per_minute: 60 },
        cancel_when_gone: false,
        model_ids: null,
        expires_at: null,
      };
      expect(await list()).toEqual([
        {
          ...about,
          at: start + 1,
          action: 'key.changed',
          before: { name: 'Gallery', limits: { requests_per_minute: 60 } },
          after: { name: 'Robot', limits: {} },
        },
        { ...about, at: start, action: 'key.created', before: undefined, after: facts },
      ]);
    });

    it('notes changes of keys once, and none that change nothing', async () => {
      const created = await notesOf(async ({ keys }) => {
        await keys.createFirst(key, by);
        await keys.createFirst({ ...key, id: 'key-2' }, by);
      });
      expect(created).toEqual(['key.created key-1']);
      const rotation = { secretHash: 'second', oldSecretUntil: start + 5_000 };
      const changed = await notesOf(async ({ keys }) => {
        await keys.change('key-1', { scopes }, by);
        await keys.change('key-1', { scopes }, by);
        await keys.rotate('key-1', rotation, by);
        await keys.revoke('key-1', start, by);
        await keys.revoke('key-1', start, by);
        await keys.rotate('key-1', rotation, by);
        await keys.change('none', { name: 'None' }, by);
      });
      expect(changed).toEqual(['key.changed key-1', 'key.rotated key-1', 'key.revoked key-1']);
      expect(await notesOf(({ keys }) => keys.create({ ...key, id: 'key-3' }))).toEqual([]);
    });

    it('notes changes of organizations, and what a removal does to their keys', async () => {
      const changed = await notesOf(async ({ organizations, keys }) => {
        await organizations.create(organization, by);
        await organizations.create(organization, by);
        await organizations.change('org-b', { name: 'Robots' }, by);
        await organizations.change('org-b', { name: 'Machines' }, by);
        await organizations.suspend('org-b', start, by);
        await organizations.suspend('org-b', start + 1, by);
        await organizations.resume('org-b', by);
        await organizations.resume('org-b', by);
        await keys.create(key);
        await keys.create({ ...key, id: 'key-2', organizationIds: ['org-b', 'default'] });
        await organizations.remove('default', start, by);
        await organizations.remove('org-b', start, by);
        await organizations.remove('org-b', start, by);
      });
      expect(changed).toEqual([
        'organization.created org-b',
        'organization.changed org-b',
        'organization.suspended org-b',
        'organization.resumed org-b',
        'organization.removed org-b',
        'key.revoked key-1',
        'key.changed key-2',
      ]);
    });

    it('notes budgets, pauses, requeues and deletions', async () => {
      const { store } = test.current;
      const open = await Promise.all([
        submitOne(store),
        submitOne(store),
        submitOne(store, { organizationId: 'org-b' }),
      ]);
      const [one = '', two = '', other = ''] = open;
      for (const id of [one, two]) await store.cancel('org-a', id, start);
      await store.cancel('org-b', other, start);
      const owner = { organizationId: 'org-a', apiKeyId: 'key-1', via: 'bucket', bytes: 1, endsAt: start + 9 } as const;
      await test.current.uploads.grant({ ...owner, name: 'up.png' }, { ofKey: 9, ofOrganization: 9 });
      const noted = await notesOf(async ({ budgets, upstreams, removals }) => {
        await budgets.set({ ...budget, limitMicros: 1_000_000 }, start, by);
        await budgets.set({ ...budget, limitMicros: 2_500_000 }, start, by);
        await budgets.remove(budget, by);
        await budgets.remove(budget, by);
        await upstreams.hold({ upstream: upstream.name, model: every }, start, by);
        await upstreams.release({ upstream: upstream.name, model: every }, by);
        await upstreams.hold({ upstream: every, model: 'model-1' }, start, by);
        await upstreams.release({ upstream: every, model: 'model-1' }, by);
        await store.requeue([one, two, other, 'none'], start, by);
        await removals.remove({ organizationId: 'org-a', id: one, ...times, by });
        await store.cancel('org-a', one, start);
        for (const _ of [1, 2]) {
          await removals.remove({ organizationId: 'org-a', id: one, ...times, by });
          await removals.removeUpload({ organizationId: 'org-a', name: 'up.png', ...times, by });
          await removals.removeUpload({ organizationId: 'org-b', name: 'up.png', ...times, by });
        }
      });
      expect(noted).toEqual([
        'budget.set organization/org-b/day',
        'budget.set organization/org-b/day',
        'budget.removed organization/org-b/day',
        `upstream.paused ${upstream.name}`,
        `upstream.resumed ${upstream.name}`,
        'model.paused model-1',
        'model.resumed model-1',
        'request.requeued 2 requests',
        `request.requeued ${other}`,
        `request.deleted ${one}`,
        'upload.deleted up.png',
      ]);
      const [second] = await list({ action: 'budget.set' });
      expect([second?.before, second?.after]).toEqual([{ limit_usd: 1 }, { limit_usd: 2.5 }]);
      expect((await list({ action: 'request.requeued', organizationId: 'org-a' }))[0]?.after).toEqual({
        request_ids: [one, two],
      });
    });

    it('notes webhook endpoints without the paths of their addresses, and new secrets', async () => {
      const endpoint = toNewEndpoint({ url: 'https://hooks.example/T0/secret' });
      const { organizationId, id } = endpoint;
      const noted = await notesOf(async ({ webhooks }) => {
        await webhooks.createEndpoint(endpoint, 1, by);
        await webhooks.createEndpoint({ ...endpoint, id: 'another' }, 1, by);
        await webhooks.updateEndpoint(organizationId, id, { url: 'https://hooks.example/T0/other' }, by);
        await webhooks.updateEndpoint(organizationId, id, { pausedAt: start }, by);
        await webhooks.updateEndpoint(organizationId, id, { pausedAt: start }, by);
        await webhooks.updateEndpoint(organizationId, id, { secretVersion: 2 }, by);
        await webhooks.rotateSecret(organizationId, start, by);
        await webhooks.deleteEndpoint(organizationId, id, by);
        await webhooks.deleteEndpoint(organizationId, id, by);
      });
      expect(noted).toEqual([
        `webhook_endpoint.created ${id}`,
        `webhook_endpoint.changed ${id}`,
        `webhook_endpoint.changed ${id}`,
        `webhook_endpoint.secret_rotated ${id}`,
        `webhook_secret.rotated ${organizationId}`,
        `webhook_endpoint.removed ${id}`,
      ]);
      expect(JSON.stringify(await list())).not.toContain('secret"');
      expect(JSON.stringify(await list())).not.toContain('T0');
    });

    it('notes what was before each of several writes that arrive at once', async () => {
      const endpoint = toNewEndpoint();
      const { keys, organizations, webhooks } = test.current;
      await keys.create(key);
      await organizations.change('org-b', { name: 'Gallery' });
      await webhooks.createEndpoint(endpoint, 1);
      const names = ['A', 'B', 'C'];
      await Promise.all(names.map((name) => keys.change('key-1', { name }, by)));
      await Promise.all(names.map((name) => organizations.change('org-b', { name }, by)));
      await Promise.all([1, 2, 3].map(() => keys.revoke('key-1', start, by)));
      await Promise.all([1, 2, 3].map(() => organizations.suspend('org-b', start, by)));
      await Promise.all(
        [1, 2, 3].map(() => webhooks.updateEndpoint(endpoint.organizationId, endpoint.id, { pausedAt: start }, by)),
      );
      for (const action of ['key.changed', 'organization.changed'] as const) {
        const changes = (await list({ action })).toReversed();
        const after = changes.map((entry) => entry.after?.['name']);
        expect(after.toSorted()).toEqual(names);
        expect(changes.map(({ before }) => before?.['name'])).toEqual(['Gallery', ...after.slice(0, 2)]);
      }
      for (const action of ['key.revoked', 'organization.suspended', 'webhook_endpoint.changed'] as const)
        expect(await list({ action }), action).toHaveLength(1);
    });

    it('is part of the write: neither is kept without the other', async () => {
      await test.current.refuse({ table: 'audit', event: 'INSERT', when: `NEW.action = 'key.created'` });
      await expect(test.current.keys.create(key, by)).rejects.toThrow();
      expect(await test.current.keys.find('key-1')).toBeUndefined();
      await test.current.keys.create(key);
      await expect(test.current.keys.create(key, by)).rejects.toThrow();
      expect(await list()).toEqual([]);
    });

    it('is never changed, and nothing is removed from it', async () => {
      await test.current.keys.create(key, by);
      await expect(test.current.spoil(`UPDATE audit SET actor_id = 'nobody'`)).rejects.toThrow(/never changed/);
      await expect(test.current.spoil('DELETE FROM audit')).rejects.toThrow(/[Nn]othing is removed/);
      expect(await list()).toHaveLength(1);
    });

    it('is listed by the page, newest first, and only what a query asks for', async () => {
      const { audit } = test.current;
      const other: Actor = { kind: 'person', id: 'subject-1', name: 'Ada', address: undefined };
      for (const index of [0, 1, 2, 3])
        await audit.record(
          { actor: index % 2 === 0 ? actor : other, at: start + Math.floor(index / 2) },
          { action: 'console.signed_in', target: `session-${index}`, organizationId: `org-${index}` },
          { action: 'session.revoked', target: `session-${index}` },
        );
      const targets = (entries: readonly AuditEntry[]) => entries.map(({ target }) => Number(target.at(-1)));
      const read: AuditEntry[] = [];
      for (let next: AuditQuery['cursor']; ; ) {
        const page = await audit.list({ limit: 3, cursor: next });
        read.push(...page.entries);
        next = page.next;
        if (!next) break;
      }
      expect(targets(read)).toEqual([3, 3, 2, 2, 1, 1, 0, 0]);
      expect(targets(await list({ actorId: 'subject-1', action: 'session.revoked' }))).toEqual([3, 1]);
      expect(targets(await list({ target: 'session-2' }))).toEqual([2, 2]);
      expect(targets(await list({ organizationId: 'org-3' }))).toEqual([3]);
      expect(targets(await list({ from: start + 1, action: 'console.signed_in' }))).toEqual([3, 2]);
      expect(targets(await list({ before: start + 1, actorId: actor.id }))).toEqual([0, 0]);
      const [first] = (await audit.list({ limit: 1, actorId: 'subject-1' })).entries;
      expect(first).toMatchObject({ actor: other, action: 'session.revoked', organizationId: undefined });
    });
  });
}

function toNote({ action, target }: AuditEntry): string {
  return `${action} ${target}`;
}
