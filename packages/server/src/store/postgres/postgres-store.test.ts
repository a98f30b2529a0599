import { pino } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import { describeKeyStoreContract } from '../key-store.contract.ts';
import { describeRequestStoreContract } from '../request-store.contract.ts';
import { describeWebhookStoreContract } from '../webhook-store.contract.ts';
import { openPostgresStore, type PostgresStore } from './open-postgres-store.ts';
import { startTestServer, TestDatabases, type TestServer } from './test-database.ts';

const logger = pino({ level: 'silent' });
let server: TestServer;
let databases: TestDatabases;

beforeAll(async () => {
  server = await startTestServer();
  databases = new TestDatabases(server);
});
afterAll(async () => {
  await databases.drop();
  await server.stop();
});

describeRequestStoreContract('PostgreSQL', createStores);

describeWebhookStoreContract('PostgreSQL', createStores);

async function createStores() {
  const database = await createDatabase();
  const connect = async () => {
    const { requests: store, ...others } = await database.open();
    return { store, ...others };
  };
  return { ...(await connect()), connect, destroy: database.destroy };
}

describeKeyStoreContract('PostgreSQL', async () => {
  const database = await createDatabase();
  const first = await database.open();
  return {
    store: first.keys,
    reopen: async () => {
      await first.close();
      return (await database.open()).keys;
    },
    destroy: database.destroy,
  };
});

/** A database of its own for one test; every store opened on it is closed before it goes. */
async function createDatabase() {
  const url = await databases.take();
  const opened: PostgresStore[] = [];
  return {
    open: async () => {
      const store = await openPostgresStore({ url, logger });
      opened.push(store);
      return store;
    },
    destroy: async () => {
      for (const store of opened) await store.close();
      await databases.giveBack(url);
    },
  };
}
