import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeKeyStoreContract } from '../key-store.contract.ts';
import { describeRequestStoreContract } from '../request-store.contract.ts';
import { describeWebhookStoreContract } from '../webhook-store.contract.ts';
import { openSqliteStore, type SqliteStore } from './open-sqlite-store.ts';

describeRequestStoreContract('SQLite', createStores);

describeWebhookStoreContract('SQLite', createStores);

async function createStores() {
  const files = await createFiles();
  const connect = () => {
    const { requests: store, ...others } = files.open();
    return { store, ...others };
  };
  return { ...connect(), connect: async () => connect(), destroy: files.destroy };
}

describeKeyStoreContract('SQLite', async () => {
  const files = await createFiles();
  const first = files.open();
  return {
    store: first.keys,
    connect: async () => files.open().keys,
    reopen: async () => {
      await first.close();
      return files.open().keys;
    },
    destroy: files.destroy,
  };
});

/** A folder of its own for one test; every store opened in it is closed before it goes. */
async function createFiles() {
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-store-'));
  const opened: SqliteStore[] = [];
  return {
    open: () => {
      const store = openSqliteStore({ file: join(folder, 'darkroom.db') });
      opened.push(store);
      return store;
    },
    destroy: async () => {
      for (const store of opened) await store.close();
      await rm(folder, { recursive: true });
    },
  };
}
