import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import { startTestServer, TestDatabases, type TestServer } from '../../../test/postgres/test-database.ts';
import type { RefusedWrite } from '../contract/use-store.ts';
import { describeKeyStoreContract } from '../key-store.contract.ts';
import { describeRequestStoreContract } from '../request-store.contract.ts';
import type { Store } from '../store.ts';
import { describeWebhookStoreContract } from '../webhook-store.contract.ts';
import { openPostgresStore } from './open-postgres-store.ts';

const logger = pino({ level: 'silent' });
let server: TestServer;
let databases: TestDatabases;

beforeAll(async () => {
  server = await startTestServer();
  databases = new TestDatabases(server);
});
afterAll(async () => {
  for (const store of [...warm.values()].flat()) await store.close();
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
  return { ...(await connect()), connect, refuse: database.refuse, spoil: database.spoil, destroy: database.destroy };
}

describeKeyStoreContract('PostgreSQL', async () => {
  const database = await createDatabase();
  const first = await database.open();
  return {
    store: first.keys,
    connect: async () => (await database.open()).keys,
    reopen: async () => {
      await first.close();
      return (await database.open()).keys;
    },
    destroy: database.destroy,
  };
});

/** Databases and the stores on them that their tests have not closed: their connections are warm, and they keep no state. */
const warm = new Map<string, Store[]>();

/** A separate, empty database for one test. */
async function createDatabase() {
  const url = await databases.take();
  const idle = warm.get(url) ?? [];
  const opened: Store[] = [];
  const drops: string[] = [];
  const run = async (script: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(script).finally(() => client.end());
  };
  return {
    open: async () => {
      const store = idle.pop() ?? (await openPostgresStore({ url, logger, maxConnections: 3 }));
      opened.push(store);
      return store;
    },
    refuse: async ({ table, event, when }: RefusedWrite) => {
      const name = `refusal_${drops.length}`;
      await run(`CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$;
        CREATE TRIGGER ${name} BEFORE ${event} ON ${table} FOR EACH ROW WHEN (${when}) EXECUTE FUNCTION ${name}()`);
      drops.push(`DROP FUNCTION ${name} CASCADE`);
    },
    spoil: run,
    destroy: async () => {
      if (drops.length > 0) await run(drops.join('; '));
      for (const store of opened) {
        const isOpen = await store.requests.check().then(
          () => true,
          () => false,
        );
        if (isOpen) idle.push(store);
      }
      warm.set(url, idle);
      await databases.giveBack(url);
    },
  };
}
