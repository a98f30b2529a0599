import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { writeMigratedFile } from '../../../test/store/migrated-file.ts';
import type { RefusedWrite } from '../contract/use-store.ts';
import { describeKeyStoreContract } from '../key-store.contract.ts';
import { describeRequestStoreContract } from '../request-store.contract.ts';
import type { Store } from '../store.ts';
import { describeWebhookStoreContract } from '../webhook-store.contract.ts';
import { openSqliteStore } from './open-sqlite-store.ts';

describeRequestStoreContract('SQLite', createStores);

describeWebhookStoreContract('SQLite', createStores);

async function createStores() {
  const files = await createFiles();
  const connect = () => {
    const { requests: store, ...others } = files.open();
    return { store, ...others };
  };
  return {
    ...connect(),
    connect: async () => connect(),
    refuse: files.refuse,
    spoil: files.spoil,
    destroy: files.destroy,
  };
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

/** A separate folder for one test; every store that is opened in it is closed before the folder is removed. */
async function createFiles() {
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-store-'));
  writeMigratedFile(join(folder, 'darkroom.db'));
  const opened: Store[] = [];
  let refusals = 0;
  const spoil = async (sql: string) => {
    const db = new DatabaseSync(join(folder, 'darkroom.db'));
    db.exec(sql);
    db.close();
  };
  return {
    open: () => {
      const store = openSqliteStore({ file: join(folder, 'darkroom.db') });
      opened.push(store);
      return store;
    },
    refuse: async ({ table, event, when }: RefusedWrite) => {
      refusals += 1;
      await spoil(
        `CREATE TRIGGER refusal_${refusals} BEFORE ${event} ON ${table} WHEN ${when} BEGIN SELECT RAISE(ABORT, 'refused'); END`,
      );
    },
    spoil,
    destroy: async () => {
      for (const store of opened) await store.close();
      await rm(folder, { recursive: true });
    },
  };
}
