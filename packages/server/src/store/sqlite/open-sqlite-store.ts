import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Logger } from '../../platform/logger.ts';
import type { OnDamage } from '../damage/to-tables.ts';
import { createLocalHints } from '../local-hints.ts';
import type { Migration, Store } from '../store.ts';
import { SchemaTooNewError, StoreUnusableError } from '../store-errors.ts';
import { createAuditStore } from './audit/audit-store.ts';
import { createBacklogStore } from './backlog/backlog-store.ts';
import { createBatchJobStore } from './batch-jobs/batch-job-store.ts';
import { createBudgetStore } from './budgets/budget-store.ts';
import { assertWhole } from './copy/copy-mark.ts';
import { Checkpoints } from './database/checkpoints.ts';
import { hasNoRoomToShare, toCode } from './database/failures.ts';
import { GroupCommit } from './database/group-commit.ts';
import { LazyDatabase } from './database/lazy-database.ts';
import { migrate } from './database/migrations.ts';
import { ReadTurn } from './database/read-turn.ts';
import { WalFile } from './database/wal-file.ts';
import { createEventStore } from './events/event-store.ts';
import { createKeyStore } from './keys/key-store.ts';
import { createOpenCallStore } from './open-calls/open-call-store.ts';
import { createOrganizationStore } from './organizations/organization-store.ts';
import { createRemovalStore } from './removals/removal-store.ts';
import { RecentRequests } from './requests/recent-requests.ts';
import { createRequestStore } from './requests/request-store.ts';
import { createSessionStore } from './sessions/session-store.ts';
import { createUploadStore } from './uploads/upload-store.ts';
import { createUpstreamStore } from './upstreams/upstream-store.ts';
import { createWebhookStore } from './webhooks/webhook-store.ts';

export interface SqliteOptions {
  readonly file: string;
  /** Logs which rows were refused. */
  readonly logger?: Logger;
  readonly onDamage?: OnDamage | undefined;
}

/**
 * The embedded store: one file, for any number of processes on one machine. Creates the file and its folder when they are
 * missing, and brings an older schema up to date. Throws `SchemaTooNewError`, `UnfinishedCopyError` or `StoreUnusableError`.
 */
export function openSqliteStore({ file, logger, onDamage }: SqliteOptions): Store {
  const recent = new RecentRequests();
  const { db, commits, reads, close } = openConnected(file, {
    onForeignWrite: () => recent.forgetAll(),
    onDamage,
  });
  return {
    requests: createRequestStore(db, { commits, reads, recent, logger, close }),
    keys: createKeyStore(db, { commits, reads }),
    sessions: createSessionStore(db, { commits, reads }),
    organizations: createOrganizationStore(db, { commits, reads }),
    upstreams: createUpstreamStore(db, { commits, reads }),
    budgets: createBudgetStore(db, { commits, reads }),
    events: createEventStore({ reads, logger }),
    webhooks: createWebhookStore(db, { commits, reads, logger }),
    uploads: createUploadStore(db, { commits, reads }),
    openCalls: createOpenCallStore(db, { commits }),
    batchJobs: createBatchJobStore(db, { commits, reads }),
    removals: createRemovalStore(db, { commits, reads, recent }),
    backlog: createBacklogStore({ reads }),
    audit: createAuditStore(db, { commits, reads }),
    hints: createLocalHints(),
    serverTime: async () => Number.POSITIVE_INFINITY,
    close,
  };
}

interface ConnectOptions extends Pick<SqliteOptions, 'onDamage'> {
  readonly onForeignWrite: () => void;
}

interface Connected {
  readonly db: DatabaseSync;
  readonly commits: GroupCommit;
  readonly reads: ReadTurn;
  readonly close: () => Promise<void>;
}

/**
 * Commits without a flush, which a flush beside the event loop follows, and a second connection, whose readers wait for it.
 * Without a log, or when this process has the file for itself, one connection does everything, and each COMMIT flushes.
 */
function connect(db: LazyDatabase, { onForeignWrite, onDamage }: ConnectOptions): Connected {
  const isApart = read(db, 'journal_mode') === 'wal' && read(db, 'locking_mode') === 'normal';
  const database = db.location() ?? '';
  const reader = isApart ? openReader(database, onDamage) : db;
  const reads = new ReadTurn({ reader, writer: db }, onForeignWrite);
  const log = isApart ? new WalFile(database) : undefined;
  const commits = new GroupCommit(db, { reads, log, checkpoints: log && new Checkpoints({ database, log }) });
  if (isApart) db.exec('PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0');
  db.isOnlyForWrites = isApart;
  let closed: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    await commits.close();
    reads.close();
    log?.close();
    // The last to close: it copies the log into the database and removes it.
    db.close();
  };
  const close = () => {
    closed ??= closeAll();
    return closed;
  };
  return { db, commits, reads, close };
}

function read(db: DatabaseSync, pragma: string): unknown {
  return db.prepare(`PRAGMA ${pragma}`).get()?.[pragma];
}

function openReader(database: string, onDamage: OnDamage | undefined): DatabaseSync {
  const reader = new LazyDatabase(database, { timeout: busyMs, onDamage });
  reader.exec('PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384');
  return reader;
}

/** Brings the schema up to date and does nothing else. Throws as `openDatabase` does. */
export function migrateSqlite({ file }: { readonly file: string }): Migration {
  const { db, migration } = openMigrated(file);
  db.close();
  return migration;
}

function openConnected(file: string, { onForeignWrite, onDamage }: ConnectOptions): Connected {
  const { db } = openMigrated(file, onDamage);
  try {
    assertWhole(db, file);
    return connect(db, { onForeignWrite, onDamage });
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * A connection with the settings and the schema that the statements rely on. Throws `SchemaTooNewError` or `StoreUnusableError`.
 */
export function openDatabase(file: string): DatabaseSync {
  return openMigrated(file).db;
}

function openMigrated(file: string, onDamage?: OnDamage): { readonly db: LazyDatabase; readonly migration: Migration } {
  let db: LazyDatabase | undefined;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    db = openFile(file, onDamage);
    return { db, migration: migrate(db, file) };
  } catch (error) {
    db?.close();
    if (error instanceof SchemaTooNewError) throw error;
    throw new StoreUnusableError(toSentence(file, error), { cause: error });
  }
}

/**
 * Processes share a small file next to the database. When a full disk has no room for it, this process opens the database
 * exclusively: existing data can be read, and everything goes on when there is space, but no other process can open the database
 * until then.
 */
function openFile(file: string, onDamage: OnDamage | undefined): LazyDatabase {
  try {
    return openWith(file, { script: settings, onDamage });
  } catch (error) {
    if (!hasNoRoomToShare(error)) throw error;
    return openWith(file, { script: `PRAGMA locking_mode = EXCLUSIVE; ${settings}`, onDamage });
  }
}

function openWith(
  file: string,
  { script, onDamage }: { readonly script: string; readonly onDamage: OnDamage | undefined },
): LazyDatabase {
  const db = new LazyDatabase(file, { timeout: busyMs, onDamage });
  try {
    db.exec(script);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** How long a write waits for another process that writes. */
const busyMs = 5_000;

/**
 * `synchronous = FULL` flushes the log at every commit: in WAL mode, `NORMAL` would lose the last commits in a power failure. A
 * store changes it once it is open, and flushes by itself.
 * `secure_delete` overwrites what is deleted with zeros, so that the file does not hold on to it.
 */
const settings = `
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA secure_delete = ON;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -32768;
`;

function toSentence(file: string, error: unknown): string {
  switch (toCode(error)) {
    case 5:
      return `The database ${file} is locked by another process. Stop that process, or wait for it, and start again.`;
    case 8:
      return `The database ${file} cannot be written. Give this user the right to write the file and its folder.`;
    case 11:
    case 26:
      return `The file ${file} is damaged or is not a database. Restore a backup, or move it away to start empty.`;
    case 13:
      return `The disk that holds the database ${file} is full. Free some space and start again.`;
    default:
      return `The database ${file} cannot be opened. Check that its folder exists, is on a local disk and is writable for this user.`;
  }
}
