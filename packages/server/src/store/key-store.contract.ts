import { ordinaryScopes, scopes } from '@darkroom/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ApiKey, KeyStore } from './key-store.ts';

export interface KeyStoreUnderTest {
  readonly store: KeyStore;
  /** A second store on the same data, as another process has it. */
  connect(): Promise<KeyStore>;
  /** Closes the store and opens another one on the same data. */
  reopen(): Promise<KeyStore>;
  destroy(): Promise<void>;
}

/** The promises of `KeyStore`, one test each: the suite that every store passes, without an exception. */
export function describeKeyStoreContract(name: string, create: () => Promise<KeyStoreUnderTest>): void {
  describe(`${name} keeps the promises of a key store:`, () => {
    let under: KeyStoreUnderTest;
    beforeEach(async () => {
      under = await create();
    });
    afterEach(() => under.destroy());

    it('keeps a key with all its fields', async () => {
      await under.store.create(key);
      expect(await under.store.find(key.id)).toEqual(key);
      expect(await under.store.find('another')).toBeUndefined();
    });

    it('keeps what a key may do, its limits, its end, its use, its old text, and what it wants for clients that go away', async () => {
      const admin = {
        ...key,
        id: 'zAdmin00',
        scopes,
        limits: { requests_per_minute: 30, stored_bytes: 1_000 },
        cancelWhenGone: true,
        modelIds: ['model-1'],
        expiresAt: 5,
        lastUsedAt: 6,
        oldSecret: { hash: 'ef'.repeat(32), until: 7 },
      };
      await under.store.create(admin);
      expect(await under.store.find(admin.id)).toEqual(admin);
    });

    it('rejects an id that exists and keeps the first key', async () => {
      await under.store.create(key);
      await expect(under.store.create({ ...key, name: 'Thief' })).rejects.toThrow();
      expect(await under.store.list()).toEqual([key]);
    });

    it('keeps one first key, even when several are created at the same time, and none when there are other keys', async () => {
      const stores = [under.store, await under.connect(), await under.connect()];
      const keys = stores.map((_, index) => ({ ...key, id: `zFirst0${index}` }));
      const created = await Promise.all(stores.map((store, index) => store.createFirst(keys[index] ?? key)));
      expect(created.filter(Boolean)).toHaveLength(1);
      expect(await under.store.list()).toEqual(keys.filter((_, index) => created[index]));
      await under.store.revoke(keys[created.indexOf(true)]?.id ?? '', 5);
      expect(await under.store.createFirst(key)).toBe(false);
    });

    it('keeps keys over a close', async () => {
      await under.store.create(key);
      const reopened = await under.reopen();
      expect(await reopened.find(key.id)).toEqual(key);
    });

    it('lists every key, oldest first, revoked or not', async () => {
      const older = { ...key, id: 'zOlder00', createdAt: key.createdAt - 1 };
      await under.store.create(key);
      await under.store.create(older);
      await under.store.revoke(older.id, 5);
      expect(await under.store.list()).toEqual([{ ...older, revokedAt: 5 }, key]);
    });

    it('keeps the first secret of a name, for every process', async () => {
      expect(await under.store.ensureSecret('upload', 'first')).toBe('first');
      expect(await under.store.ensureSecret('upload', 'second')).toBe('first');
      expect(await under.store.ensureSecret('another', 'third')).toBe('third');
      expect(await (await under.reopen()).ensureSecret('upload', 'fourth')).toBe('first');
    });

    it('finds a key with those of its organizations that exist, which are created with it', async () => {
      await under.store.create(key);
      expect(await under.store.findWithOrganizations('another')).toBeUndefined();
      const known = { limits: {}, createdAt: key.createdAt, suspendedAt: undefined };
      expect(await under.store.findWithOrganizations(key.id)).toEqual({
        key,
        organizations: ['org-a', 'org-b'].map((id) => ({ ...known, id, name: id })),
      });
    });

    it('changes a key that is not revoked', async () => {
      await under.store.create(key);
      const change = { name: 'Robot', scopes: ['read'], limits: { open_streams: 2 }, expiresAt: 9 } as const;
      expect(await under.store.change(key.id, change)).toEqual({ ...key, ...change });
      expect(await under.store.find(key.id)).toEqual({ ...key, ...change });
      await under.store.revoke(key.id, 7);
      expect(await under.store.change(key.id, { name: 'Late' })).toBeUndefined();
      expect(await under.store.change('another', { name: 'None' })).toBeUndefined();
      expect((await under.store.find(key.id))?.name).toBe('Robot');
    });

    it('keeps the text before the last rotation, and no older one', async () => {
      await under.store.create(key);
      await under.store.rotate(key.id, { secretHash: 'second', oldSecretUntil: 5 });
      const rotated = { ...key, secretHash: 'third', oldSecret: { hash: 'second', until: 6 } };
      expect(await under.store.rotate(key.id, { secretHash: 'third', oldSecretUntil: 6 })).toEqual(rotated);
      expect(await under.store.find(key.id)).toEqual(rotated);
      await under.store.revoke(key.id, 7);
      expect(await under.store.rotate(key.id, { secretHash: 'fourth', oldSecretUntil: 8 })).toBeUndefined();
    });

    it('notes the last use, and never an earlier one', async () => {
      await under.store.create(key);
      for (const at of [3, 9, 5]) await under.store.noteUse(key.id, at);
      expect((await under.store.find(key.id))?.lastUsedAt).toBe(9);
    });

    it('revokes a key once, and keeps the time of the first revocation', async () => {
      await under.store.create(key);
      expect(await under.store.revoke(key.id, 7)).toBe(true);
      expect(await under.store.revoke(key.id, 8)).toBe(false);
      expect(await under.store.revoke('another', 8)).toBe(false);
      expect((await under.store.find(key.id))?.revokedAt).toBe(7);
    });
  });
}

const key: ApiKey = {
  id: 'k3Vn0aQ2',
  name: 'Gallery',
  secretHash: 'cd'.repeat(32),
  scopes: ordinaryScopes,
  limits: {},
  cancelWhenGone: false,
  modelIds: undefined,
  organizationIds: ['org-a', 'org-b'],
  createdAt: 1_761_763_441_000,
  expiresAt: undefined,
  revokedAt: undefined,
  lastUsedAt: undefined,
  oldSecret: undefined,
};
