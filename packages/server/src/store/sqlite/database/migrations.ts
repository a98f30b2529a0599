import type { DatabaseSync } from 'node:sqlite';
import type { Migration } from '../../store.ts';
import { SchemaTooNewError } from '../../store-errors.ts';
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
import { prepareQuery } from './statement.ts';

/** In order; a released migration is never changed. The number of the schema (`user_version`) is how many have been applied. */
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

/**
 * Brings the database to the schema that this code knows: forward only, in one transaction, which is one flush to the disk. Two
 * processes may start at the same time: the second one finds the work done. Throws `SchemaTooNewError` on a newer schema.
 */
export function migrate(db: DatabaseSync, file: string): Migration {
  const from = readVersion(db, file);
  if (from < migrations.length) applyMissing(db, file);
  return { from, to: migrations.length };
}

function applyMissing(db: DatabaseSync, file: string): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const migration of migrations.slice(readVersion(db, file))) db.exec(migration);
    db.exec(`PRAGMA user_version = ${migrations.length}; COMMIT`);
  } finally {
    if (db.isTransaction) db.exec('ROLLBACK');
  }
}

function readVersion(db: DatabaseSync, file: string): number {
  const found = prepareQuery<{ readonly user_version: number }>(db, 'PRAGMA user_version').get()?.user_version ?? 0;
  if (found > migrations.length) throw new SchemaTooNewError({ database: file, found, known: migrations.length });
  return found;
}
