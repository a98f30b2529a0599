import { type Clock, systemClock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import type { OnDamage } from '../damage/to-tables.ts';
import type { Migration, Store } from '../store.ts';
import { SchemaTooNewError, StoreUnavailableError, StoreUnusableError } from '../store-errors.ts';
import { createAuditStore } from './audit/audit-store.ts';
import { createBacklogStore } from './backlog/backlog-store.ts';
import { createBatchJobStore } from './batch-jobs/batch-job-store.ts';
import { createBudgetStore } from './budgets/budget-store.ts';
import { assertWhole } from './copy/copy-mark.ts';
import { type ConnectionSettings, toConnectionSettings } from './database/connection-settings.ts';
import { Database } from './database/database.ts';
import { toCode } from './database/failures.ts';
import { migrate } from './database/migrations.ts';
import { readServerTime } from './database/server-time.ts';
import { createEventStore } from './events/event-store.ts';
import { createNotifications } from './events/notifications.ts';
import { createKeyStore } from './keys/key-store.ts';
import { createOpenCallStore } from './open-calls/open-call-store.ts';
import { createOrganizationStore } from './organizations/organization-store.ts';
import { createRemovalStore } from './removals/removal-store.ts';
import { createRequestStore, type RequestStoreOptions } from './requests/request-store.ts';
import { createSessionStore } from './sessions/session-store.ts';
import { createUploadStore } from './uploads/upload-store.ts';
import { createUpstreamStore } from './upstreams/upstream-store.ts';
import { createWebhookStore } from './webhooks/webhook-store.ts';

export interface PostgresOptions {
  /** `postgres://…`; with `prepare=false` for a pooler in transaction mode. */
  readonly url: string;
  /** For pauses between tries; the times in rows always come from the caller. */
  readonly clock?: Clock;
  readonly logger: Logger;
  /** For this process, in addition to the connection that listens for hints. */
  readonly maxConnections?: number;
  readonly onDamage?: OnDamage;
}

const defaultMaxConnections = 10;

/**
 * The store for any number of processes on any number of machines: PostgreSQL 15 to 18. Brings an older schema up to date.
 * Throws `SchemaTooNewError`, `UnfinishedCopyError` or `StoreUnusableError`.
 */
export async function openPostgresStore(options: PostgresOptions): Promise<Store> {
  const { db, settings } = await openWhole(options);
  const { clock = systemClock, logger } = options;
  const notifications = createNotifications({ settings, db, clock, logger });
  const { keys, closeKeys } = createKeyStore(db);
  const close: RequestStoreOptions['close'] = async (batches) => {
    await Promise.all([...batches.map((batch) => batch.close()), closeKeys(), notifications.close()]);
    await db.close();
  };
  const requests = createRequestStore(db, { logger, close });
  return {
    requests,
    keys,
    sessions: createSessionStore(db),
    organizations: createOrganizationStore(db),
    upstreams: createUpstreamStore(db),
    budgets: createBudgetStore(db),
    events: createEventStore(db, logger),
    webhooks: createWebhookStore(db, logger),
    uploads: createUploadStore(db),
    removals: createRemovalStore(db),
    openCalls: createOpenCallStore(db),
    batchJobs: createBatchJobStore(db),
    backlog: createBacklogStore(db),
    audit: createAuditStore(db),
    hints: notifications,
    serverTime: () => readServerTime(db),
    close: () => requests.close(),
  };
}

/**
 * Brings the database to the schema that this program knows, and returns the numbers before and after. Throws as `openMigrated`
 * does.
 */
export async function migratePostgres(options: Omit<PostgresOptions, 'maxConnections'>): Promise<Migration> {
  const { db, migration } = await openMigrated({ ...options, maxConnections: 1 });
  await db.close();
  return migration;
}

async function openWhole(options: PostgresOptions) {
  const opened = await openMigrated(options);
  try {
    await assertWhole(opened.db, opened.settings.name);
    return opened;
  } catch (error) {
    await opened.db.close();
    throw error;
  }
}

/** The connections of a store whose schema is up to date. Throws `SchemaTooNewError` or `StoreUnusableError`. */
export async function openMigrated({
  url,
  clock = systemClock,
  logger,
  maxConnections = defaultMaxConnections,
  onDamage,
}: PostgresOptions) {
  const settings = toConnectionSettings(url);
  const db = new Database({ settings, maxConnections, clock, logger, onDamage });
  try {
    const migration = await migrate(db, settings.name);
    return { db, settings, migration };
  } catch (error) {
    await db.close();
    if (error instanceof SchemaTooNewError) throw error;
    const cause = error instanceof StoreUnavailableError ? error.cause : error;
    throw new StoreUnusableError(toSentence(settings, cause), { cause });
  }
}

/** What a pooler reports about a user, a database or a setting; never a secret. */
function toReason(error: unknown): string {
  return error instanceof Error ? error.message : 'it does not say why';
}

/** Uses the codes of https://www.postgresql.org/docs/current/errcodes-appendix.html and of the operating system. */
function toSentence({ name }: ConnectionSettings, error: unknown): string {
  switch (toCode(error)) {
    case 'ECONNREFUSED':
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
      return `The database ${name} does not answer. Check that the server is running, and that the host and port in DATABASE_URL are correct.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The host of the database ${name} is not known. Correct it in DATABASE_URL.`;
    case '28P01':
    case '28000':
      return `The database ${name} refuses the user or the password of DATABASE_URL.`;
    case '08P01':
      return `A proxy in front of the database ${name}, such as PgBouncer, refuses the connection: ${toReason(error)}. See docs/postgres.md.`;
    case '3D000':
      return `There is no database ${name}. Create it, or correct its name in DATABASE_URL.`;
    case '42501':
      return `The user of DATABASE_URL may not create tables in the database ${name}. Make it the owner of the database.`;
    default:
      return `The database ${name} cannot be used. The cause says what the server answered.`;
  }
}
