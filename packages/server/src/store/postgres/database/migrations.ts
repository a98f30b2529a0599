import type { Migration } from '../../store.ts';
import { SchemaTooNewError } from '../../store-errors.ts';
import { advisoryLocks, lockAdvisory } from './advisory-locks.ts';
import type { Database } from './database.ts';
import { requests } from './migrations/001-requests.ts';
import { apiKeys } from './migrations/002-api-keys.ts';
import { upstreamPool } from './migrations/003-upstream-pool.ts';
import { ledger } from './migrations/004-ledger.ts';
import { history } from './migrations/005-history.ts';
import { minutes } from './migrations/006-minutes.ts';
import { limits } from './migrations/007-limits.ts';
import { deadlines } from './migrations/008-deadlines.ts';
import { sentPictures } from './migrations/009-sent-pictures.ts';
import { wires } from './migrations/010-wires.ts';
import { keyModels } from './migrations/011-key-models.ts';
import { standIns } from './migrations/012-stand-ins.ts';
import { serviceTiers } from './migrations/013-service-tiers.ts';
import { batchJobs } from './migrations/014-batch-jobs.ts';
import { removals } from './migrations/015-removals.ts';
import { traces } from './migrations/016-traces.ts';
import { organizations } from './migrations/017-organizations.ts';
import { orderedCosts } from './migrations/018-ordered-costs.ts';
import { audit } from './migrations/019-audit.ts';
import { sessions } from './migrations/020-sessions.ts';
import type { Session } from './session.ts';
import { toStatement } from './statement.ts';

/** In order; a released migration is never changed. The number of the schema is how many have been applied. */
export const migrations: readonly string[] = [
  requests,
  apiKeys,
  upstreamPool,
  ledger,
  history,
  minutes,
  limits,
  deadlines,
  sentPictures,
  wires,
  keyModels,
  standIns,
  serviceTiers,
  batchJobs,
  removals,
  traces,
  organizations,
  orderedCosts,
  audit,
  sessions,
];

/** Not `to_regclass`, which may remember from before a wait for the lock that the table did not exist. */
const findTable = toStatement<{ readonly found: boolean }>(
  `SELECT EXISTS (
     SELECT 1 FROM pg_class WHERE relname = 'darkroom_schema' AND relnamespace = current_schema()::regnamespace
   ) AS found`,
);
const selectVersion = toStatement<{ readonly version: number }>('SELECT version FROM darkroom_schema');
const updateVersion = toStatement('UPDATE darkroom_schema SET version = $1');
const createTable = `
CREATE TABLE darkroom_schema (version integer NOT NULL);
INSERT INTO darkroom_schema (version) VALUES (0);
`;

/**
 * Brings the database to the schema that this code knows: forward only, each migration in its own transaction. When several
 * processes start at the same time, one migrates and the others wait. Throws `SchemaTooNewError` on a newer schema.
 */
export async function migrate(db: Database, database: string): Promise<Migration> {
  const from = await readVersion(db, database);
  for (let version = from; version < migrations.length; ) {
    version = await db.transaction(async (session) => applyNext(session, database));
  }
  return { from, to: migrations.length };
}

async function applyNext(session: Session, database: string): Promise<number> {
  await lockAdvisory(session, advisoryLocks.migration);
  const version = await readVersion(session, database);
  const migration = migrations[version];
  if (migration === undefined) return version;
  // The server must not stop the migration of a large database half-way; other processes wait for its locks only as long as they
  // choose to.
  await session.script('SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0');
  if (!(await session.get(findTable))?.found) await session.script(createTable);
  await session.script(migration);
  await session.run(updateVersion, version + 1);
  return version + 1;
}

async function readVersion(session: Session, database: string): Promise<number> {
  const isThere = (await session.get(findTable))?.found === true;
  const found = isThere ? ((await session.get(selectVersion))?.version ?? 0) : 0;
  if (found > migrations.length) throw new SchemaTooNewError({ database, found, known: migrations.length });
  return found;
}
