import { describe, expect, it } from 'vitest';
import { createRequestId } from '../../platform/ids.ts';
import type { ApiKey } from '../key-store.ts';
import type { NewConsoleSession } from '../session-store.ts';
import { start } from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

const person = { issuer: 'https://login.example', subject: 'pia', roles: { 'org-a': 'member' } } as const;

/** The row of a person who signs in for the first time. */
export function toPersonRow(changes: Partial<ApiKey> = {}): ApiKey {
  return {
    id: 'person-1',
    name: 'pia@acme.example',
    secretHash: 'cd'.repeat(32),
    scopes: ['read', 'submit', 'manage'],
    limits: {},
    cancelWhenGone: false,
    modelIds: undefined,
    organizationIds: ['org-a'],
    createdAt: start,
    expiresAt: undefined,
    revokedAt: undefined,
    lastUsedAt: undefined,
    oldSecret: undefined,
    person,
    ...changes,
  };
}

export function toNewSession(changes: Partial<NewConsoleSession> = {}): NewConsoleSession {
  return {
    id: createRequestId(),
    secretHash: 'ab'.repeat(32),
    createdAt: start,
    lastSeenAt: start,
    endsAt: start + 100,
    expiresAt: start + 1_000,
    address: '192.0.2.7',
    browser: 'Firefox',
    ...changes,
  };
}

export function describeSessions(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  describe('sessions', () => {
    it('are kept with the row of their person, and the organizations that it names', async () => {
      const { sessions, keys } = test.current;
      const session = toNewSession();
      expect(await sessions.begin(session, toPersonRow())).toEqual(toPersonRow());
      expect(await sessions.find(session.id)).toEqual({ ...session, apiKeyId: 'person-1' });
      expect(await sessions.find('another')).toBeUndefined();
      const { key, organizations } = (await keys.findWithOrganizations('person-1')) ?? {};
      expect([key, organizations?.map(({ id }) => id)]).toEqual([toPersonRow(), ['org-a']]);
    });

    it('of one person share a row, which has the name, scopes, organizations and roles of the last sign-in and keeps the rest', async () => {
      const { sessions, keys } = test.current;
      await sessions.begin(toNewSession(), toPersonRow());
      await keys.change('person-1', { limits: { open_streams: 2 }, modelIds: ['model-1'] });
      const roles = { 'org-b': 'admin', 'org-a': 'viewer' } as const;
      const given = { name: 'Pia', scopes: ['read'], organizationIds: ['org-b', 'org-a'] } as const;
      const later = toPersonRow({ ...given, id: 'person-2', person: { ...person, roles }, createdAt: start + 1 });
      const session = toNewSession();
      const kept = { ...toPersonRow(), ...given, person: { ...person, roles } };
      const expected = { ...kept, limits: { open_streams: 2 }, modelIds: ['model-1'] };
      expect(await sessions.begin(session, later)).toEqual(expected);
      expect(await keys.list()).toEqual([expected]);
      expect(await sessions.find(session.id)).toMatchObject({ apiKeyId: 'person-1' });
      expect((await keys.findWithOrganizations('person-1'))?.organizations).toHaveLength(2);
    });

    it('that begin at the same time make one row of a person', async () => {
      const stores = [test.current, await test.current.connect(), await test.current.connect()];
      const begun = await Promise.all(
        stores.map(({ sessions }, index) => sessions.begin(toNewSession(), toPersonRow({ id: `person-${index}` }))),
      );
      expect(new Set(begun.map((key) => key?.id)).size).toBe(1);
      expect(await test.current.keys.list()).toHaveLength(1);
    });

    it('do not begin when the row of the person was revoked or has expired', async () => {
      const { sessions, keys } = test.current;
      await sessions.begin(toNewSession(), toPersonRow());
      await keys.change('person-1', { expiresAt: start + 5 });
      const late = toNewSession();
      expect(await sessions.begin(late, toPersonRow({ id: 'late', createdAt: start + 5 }))).toBeUndefined();
      expect(await sessions.find(late.id)).toBeUndefined();
      expect(await sessions.begin(toNewSession(), toPersonRow({ id: 'early', createdAt: start + 4 }))).toBeDefined();
      await keys.revoke('person-1', start);
      expect(await sessions.begin(toNewSession(), toPersonRow({ id: 'other' }))).toBeUndefined();
    });

    it('begin anew for a person whose organization was removed', async () => {
      const { sessions, keys, organizations } = test.current;
      await sessions.begin(toNewSession(), toPersonRow());
      expect(await organizations.remove('org-a', start)).toBe('removed');
      expect((await keys.find('person-1'))?.revokedAt).toBe(start);
      expect(await sessions.begin(toNewSession(), toPersonRow({ id: 'person-2' }))).toMatchObject({ id: 'person-2' });
    });

    it('end later when they are used, but never after they expire, and not again once they have ended', async () => {
      const { sessions } = test.current;
      const session = toNewSession();
      await sessions.begin(session, toPersonRow());
      const use = async (lastSeenAt: number, endsAt: number) => {
        await sessions.noteUse(session.id, { lastSeenAt, endsAt });
        const { lastSeenAt: seen, endsAt: ends } = (await sessions.find(session.id)) ?? {};
        return [seen, ends];
      };
      expect(await use(start + 50, start + 150)).toEqual([start + 50, start + 150]);
      expect(await use(start + 40, start + 140)).toEqual([start + 50, start + 150]);
      expect(await use(start + 140, start + 9_000)).toEqual([start + 140, start + 1_000]);
      expect(await sessions.end(session.id, 'revoked', { now: start + 200 })).toBe(true);
      expect(await sessions.end(session.id, 'revoked', { now: start + 201 })).toBe(false);
      expect(await use(start + 202, start + 500)).toEqual([start + 140, start + 200]);
    });

    it('are listed with the names of their people, page after page, and forgotten some time after their end', async () => {
      const { sessions } = test.current;
      const [first, second, third] = [1, 2, 3].map((number) => toNewSession({ endsAt: start + 100 * number }));
      if (!first || !second || !third) throw new Error('There are three.');
      for (const session of [first, second, third]) await sessions.begin(session, toPersonRow());
      const page = await sessions.list({ limit: 2 });
      expect(page).toMatchObject([
        { id: third.id, name: 'pia@acme.example' },
        { id: second.id, name: 'pia@acme.example' },
      ]);
      expect((await sessions.list({ limit: 2, cursor: second.id })).map(({ id }) => id)).toEqual([first.id]);
      expect(await sessions.forgetEnded({ endedUntil: start + 250, limit: 1 })).toBe(1);
      expect((await sessions.list({ limit: 5 })).map(({ id }) => id)).toEqual([third.id, second.id]);
      expect(await sessions.forgetEnded({ endedUntil: start + 250, limit: 5 })).toBe(1);
      expect(await sessions.forgetEnded({ endedUntil: start + 250, limit: 5 })).toBe(0);
    });

    it('note their beginning and their end in the audit log', async () => {
      const { sessions, audit } = test.current;
      const by = { actor: { kind: 'person', id: 'pia', name: 'Pia', address: '192.0.2.7' }, at: start } as const;
      const [left, ended] = [toNewSession(), toNewSession()];
      for (const session of [left, ended]) await sessions.begin(session, toPersonRow(), by);
      await sessions.end(left.id, 'signed-out', { now: start, by });
      await sessions.end(ended.id, 'revoked', { now: start, by });
      await sessions.end(ended.id, 'revoked', { now: start, by });
      const { entries } = await audit.list({ limit: 10 });
      expect(entries.map(({ action, target }) => [action, target])).toEqual([
        ['session.revoked', ended.id],
        ['console.signed_out', 'person-1'],
        ['console.signed_in', 'person-1'],
        ['console.signed_in', 'person-1'],
      ]);
      expect(entries[2]).toMatchObject({ ...by, organizationId: 'org-a', after: { roles: { 'org-a': 'member' } } });
    });
  });
}
