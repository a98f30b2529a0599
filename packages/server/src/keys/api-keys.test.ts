import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openNewStore } from '../../test/store/migrated-file.ts';
import { hashApiKey } from '../core/api-keys.ts';
import { openSqliteStore } from '../store/sqlite/open-sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { createApiKey, ensureFirstKey, readFirstKey } from './api-keys.ts';

describe('API keys', () => {
  let folder: string;
  let store: Store;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'darkroom-keys-'));
    store = openNewStore(path.join(folder, 'darkroom.db'));
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  it('may act for the operator only if requested', async () => {
    await createApiKey(store.keys, { name: 'gallery', now: 1 });
    await createApiKey(store.keys, {
      name: 'operator',
      isAdmin: true,
      limits: { requests_per_minute: 30 },
      cancelWhenGone: true,
      now: 2,
    });
    expect(await store.keys.list()).toMatchObject([
      { name: 'gallery', scopes: ['read', 'submit', 'manage'], limits: {}, cancelWhenGone: false },
      {
        name: 'operator',
        scopes: ['read', 'submit', 'manage', 'admin'],
        limits: { requests_per_minute: 30 },
        cancelWhenGone: true,
      },
    ]);
  });

  it('include a first key, which may act for the operator and is created once', async () => {
    await ensureFirstKey(store.keys, folder, 1);
    const key = await readFirstKey(folder);
    await ensureFirstKey(store.keys, folder, 2);
    expect(await store.keys.list()).toMatchObject([
      { name: 'first', scopes: ['read', 'submit', 'manage', 'admin'], createdAt: 1 },
    ]);
    expect(await readFirstKey(folder)).toBe(key);
  });

  it('include only one first key when processes start at the same time, in the folder of the process that created it', async () => {
    const other = openSqliteStore({ file: path.join(folder, 'darkroom.db') });
    const folders = [folder, await mkdtemp(path.join(folder, 'other-'))];
    await Promise.all([store, other].map(({ keys }, index) => ensureFirstKey(keys, folders[index] ?? '', 1)));
    await other.close();
    const [first] = await store.keys.list();
    const written = (await Promise.all(folders.map(readFirstKey))).filter((key) => key !== undefined);
    expect(written.map(hashApiKey)).toEqual([first?.secretHash]);
    expect(await store.keys.list()).toHaveLength(1);
  });
});
