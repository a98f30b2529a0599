import path from 'node:path';
import type { Config } from '../config/load-config.ts';
import { createLocalNotifier, type Notifier } from '../events/notifier.ts';
import type { Logger } from '../platform/logger.ts';
import { migrateSqlite, openSqliteStore, type SqliteStore } from '../store/sqlite/open-sqlite-store.ts';

/** A store, and the hints that go with it: as far as the store reaches, so do they. */
export interface Store extends SqliteStore {
  readonly notifier: Notifier;
  /** The time by the clock that all processes on the store share; `Infinity` where that is the clock of their own machine. */
  serverTime(): Promise<number>;
}

export type StoreConfig = Pick<Config, 'databaseUrl' | 'dataDir'>;

/** Opens the store that the settings name, and brings its schema up to date. */
export async function openStore(config: StoreConfig, logger: Logger): Promise<Store> {
  const { databaseUrl: url } = config;
  if (url === undefined)
    return {
      ...openSqliteStore({ file: toFile(config), logger }),
      notifier: createLocalNotifier(),
      serverTime: async () => Number.POSITIVE_INFINITY,
    };
  const { openPostgresStore } = await loadPostgres();
  const store = await openPostgresStore({ url, logger });
  return { ...store, notifier: toNotifier(store.notifications) };
}

export interface Migration {
  /** The number of the schema before, and after. */
  readonly from: number;
  readonly to: number;
}

/** Brings the schema up to date and does nothing else. Throws `SchemaTooNewError` on a newer one. */
export async function migrateStore(config: StoreConfig, logger: Logger): Promise<Migration> {
  const { databaseUrl: url } = config;
  if (url === undefined) return migrateSqlite({ file: toFile(config) });
  const { migratePostgres } = await loadPostgres();
  return migratePostgres({ url, logger });
}

export function toFile({ dataDir }: StoreConfig): string {
  return path.join(dataDir, 'darkroom.db');
}

/** The driver is loaded by those who need it alone. */
function loadPostgres() {
  return import('../store/postgres/open-postgres-store.ts');
}

type Hint = 'queued' | 'changed';

/** Hints that reach every process on the database. */
interface Notifications {
  onHint(listener: (kind: Hint) => void): () => void;
  hint(kind: Hint): void;
}

function toNotifier({ onHint, hint }: Notifications): Notifier {
  const listen = (news: Hint, listener: () => void) => onHint((kind) => void (kind === news && listener()));
  return {
    hintQueued: () => hint('queued'),
    onQueued: (listener) => listen('queued', listener),
    hintChanged: () => hint('changed'),
    onChanged: (listener) => listen('changed', listener),
  };
}
