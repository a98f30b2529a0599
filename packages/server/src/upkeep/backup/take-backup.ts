import { chmod, copyFile, mkdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { hashFile } from '../../media/sha256.ts';
import type { Clock } from '../../platform/clock.ts';
import { version } from '../../platform/version.ts';
import { findNewest, finish, removeOld, toUnfinished, type WholeBackup } from './backup-folders.ts';
import type { BackupSource } from './backup-source.ts';
import { compareRows } from './compare-rows.ts';
import { databaseName, filesName, type Manifest, objectListName, toManifestFile, writeManifest } from './manifest.ts';
import { type CopyProgress, ObjectCopier, type PreviousBackup } from './object-copier.ts';
import { ObjectList, type WritableObjectList } from './object-list.ts';

export interface TakeBackupOptions {
  readonly source: BackupSource;
  /** The folder of backups. No other process may take one into it at the same time. */
  readonly to: string;
  /** How many backups stay there; older ones are removed. */
  readonly keep: number;
  readonly clock: Clock;
  readonly onObjects: (progress: CopyProgress) => void;
  readonly onSnapshot: () => void;
}

export interface TakenBackup extends WholeBackup {
  /** How many objects this run has copied; the others were in the backup before, or copied before an interruption. */
  readonly copied: number;
}

/** Each has a snapshot of its own; with one, a deletion during the backup could leave a row without its picture. */
const maxRounds = 5;

/**
 * Takes a backup of a service while it runs. Objects are stored before a row names them, so objects that are copied after the snapshot
 * are all that its rows name, except for those that were removed in between. Most were copied before it; if one was not, the snapshot
 * is taken again. An interrupted backup keeps what it has copied, and the next one goes on with that.
 */
export async function takeBackup(options: TakeBackupOptions): Promise<TakenBackup> {
  const { to } = options;
  const folder = toUnfinished(to);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // A process that was killed at the very end has left one.
  await rm(toManifestFile(folder), { force: true });
  const previous = openPrevious(await findNewest(to));
  const list = ObjectList.continue(path.join(folder, objectListName));
  try {
    const { manifest, copied } = await fill({ ...options, folder, list, previous });
    const whole = await finish(to, manifest);
    await removeOld(to, options.keep);
    return { folder: whole, manifest, copied };
  } finally {
    list.close();
    previous?.list.close();
  }
}

/** When its list is damaged, everything is copied again. */
function openPrevious(newest: WholeBackup | undefined): PreviousBackup | undefined {
  if (!newest) return undefined;
  try {
    return { folder: newest.folder, list: ObjectList.read(path.join(newest.folder, objectListName)) };
  } catch {
    return undefined;
  }
}

interface Filling extends TakeBackupOptions {
  readonly folder: string;
  readonly list: WritableObjectList;
  readonly previous: PreviousBackup | undefined;
}

async function fill(filling: Filling): Promise<{ readonly manifest: Manifest; readonly copied: number }> {
  const { source, folder, list, previous, clock, onObjects, onSnapshot } = filling;
  const database = path.join(folder, databaseName);
  const copier = new ObjectCopier({ driver: source.driver, folder, list, previous, onProgress: onObjects });
  await copier.copyNew();
  for (let round = 0; round < maxRounds; round++) {
    onSnapshot();
    const at = new Date(clock.now()).toISOString();
    await source.takeSnapshot(database);
    await copier.copyNew();
    const { lost, hasGone } = await compareRows(database, { source, list, copier });
    if (hasGone) continue;
    for (const key of list.listRemoved()) await copier.remove(key);
    return { manifest: await describe(filling, { at, lost }), copied: copier.progress.copied };
  }
  throw new Error('Pictures were removed faster than they could be copied. Run the same command again: it continues.');
}

async function describe(
  { source, folder, list }: Filling,
  { at, lost }: Pick<Manifest, 'at' | 'lost'>,
): Promise<Manifest> {
  const database = path.join(folder, databaseName);
  const requests = { ...source.countRequests(database) };
  const files = await copyFiles(source.files, path.join(folder, filesName));
  const sum = list.sum();
  list.close();
  const manifest: Manifest = {
    format: 1,
    program: version,
    schema: source.schema,
    at,
    database: await measure(database),
    objects: { ...(await measure(path.join(folder, objectListName))), ...sum },
    files,
    requests,
    lost,
  };
  await writeManifest(folder, manifest);
  return manifest;
}

/** Only their owner may read the copies: one is an API key. */
async function copyFiles(files: readonly string[], folder: string): Promise<Manifest['files']> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const copied: Record<string, Manifest['database']> = {};
  for (const file of files) {
    const to = path.join(folder, path.basename(file));
    const isThere = await copyFile(file, to).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return false;
        throw error;
      },
    );
    if (!isThere) continue;
    await chmod(to, 0o600);
    copied[path.basename(file)] = await measure(to);
  }
  return copied;
}

async function measure(file: string): Promise<Manifest['database']> {
  return { bytes: (await stat(file)).size, sha256: await hashFile(file) };
}
