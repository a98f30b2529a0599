import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../config/load-config.ts';
import { systemClock } from '../platform/clock.ts';
import { createLogger } from '../platform/logger.ts';
import { lockFolder } from '../recovery/folder-lock.ts';
import { readRestoreMark, writeRestoreMark } from '../store/sqlite/copy/copy-mark.ts';
import { countRequests, knownSchema, takeSnapshot } from '../store/sqlite/copy/snapshot.ts';
import { openSqliteStore } from '../store/sqlite/open-sqlite-store.ts';
import type { Rows } from '../upkeep/backup/backup-source.ts';
import { type Restored, type RestoreOptions, restoreBackup } from '../upkeep/backup/restore-backup.ts';
import { type TakeBackupOptions, type TakenBackup, takeBackup } from '../upkeep/backup/take-backup.ts';
import { createDriver, type StoragePlace } from './storage.ts';
import { type StoreConfig, toFile } from './store.ts';

type BackedUp = StoreConfig & StoragePlace;

/** Backs up the Darkroom of the settings while it runs. Rejects with a sentence. */
export async function backUp(
  config: BackedUp,
  options: Pick<TakeBackupOptions, 'to' | 'keep' | 'onObjects' | 'onSnapshot'>,
): Promise<TakenBackup> {
  const file = toOwnFile(config, 'backed up');
  if (!existsSync(file)) throw new Error(`There is no Darkroom in ${config.dataDir}.`);
  await mkdir(options.to, { recursive: true, mode: 0o700 });
  const lock = lockFolder(options.to);
  if (!lock) throw new Error(`Another darkroom backup is writing to ${options.to}. Wait until it has ended.`);
  const openRows = async (snapshot = file): Promise<Rows> => {
    const { requests, close } = openSqliteStore({ file: snapshot, logger: createLogger('error') });
    return { ...requests, close };
  };
  const source = {
    driver: createDriver(config),
    schema: knownSchema,
    takeSnapshot: (to: string) => takeSnapshot({ file, to }),
    openRows,
    countRequests,
    files: ownFiles.map((name) => path.join(config.dataDir, name)),
  };
  return takeBackup({ ...options, source, clock: systemClock }).finally(() => lock.release());
}

/** The first API key, and the mark of a folder in which commands run a server of their own. */
const ownFiles = ['api-key', 'private'];

/** Restores a backup into the empty data folder of the settings, and the storage that they name. Rejects with a sentence. */
export async function restore(
  config: BackedUp,
  options: Pick<RestoreOptions, 'from' | 'onObjects'>,
): Promise<Restored> {
  const target = {
    dataDir: config.dataDir,
    database: toOwnFile(config, 'restored'),
    driver: createDriver(config),
    schema: knownSchema,
    readMark: readRestoreMark,
    writeMark: writeRestoreMark,
  };
  return restoreBackup({ ...options, target });
}

function toOwnFile(config: Pick<Config, 'databaseUrl' | 'dataDir'>, what: string): string {
  if (config.databaseUrl !== undefined)
    throw new Error(
      `A Darkroom on PostgreSQL is ${what} by PostgreSQL's own tools: docs/how-to/back-up-and-restore.md says how.`,
    );
  return toFile(config);
}
