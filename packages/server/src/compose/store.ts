import path from 'node:path';
import type { Config } from '../config/load-config.ts';
import type { DamageCount } from '../platform/damage.ts';
import type { Logger } from '../platform/logger.ts';
import { migrateSqlite, openSqliteStore } from '../store/sqlite/open-sqlite-store.ts';
import type { Migration, Store } from '../store/store.ts';

export type StoreConfig = Pick<Config, 'databaseUrl' | 'dataDir'>;

/** Opens the store that the settings name, and brings its schema up to date. */
export async function openStore(
  config: StoreConfig,
  logger: Logger,
  damage?: Pick<DamageCount, 'metPages'>,
): Promise<Store> {
  const { databaseUrl: url } = config;
  const onDamage = (tables: string) => damage?.metPages(tables);
  if (url === undefined) return openSqliteStore({ file: toFile(config), logger, onDamage });
  const { openPostgresStore } = await loadPostgres();
  return openPostgresStore({ url, logger, onDamage });
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

/** The driver of PostgreSQL is loaded only where it is needed. */
function loadPostgres() {
  return import('../store/postgres/open-postgres-store.ts');
}
