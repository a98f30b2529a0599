import { chmod, copyFile, mkdir, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { cacheControl } from '../../media/object-writer.ts';
import { toImageType } from '../../media/picture-name.ts';
import { hashFile } from '../../media/sha256.ts';
import type { StorageDriver } from '../../media/storage-driver.ts';
import { flush } from '../../platform/flush.ts';
import { inLanes } from '../../platform/lanes.ts';
import { findNewest, type WholeBackup } from './backup-folders.ts';
import { databaseName, filesName, type Manifest, mediaName, objectListName, readManifest } from './manifest.ts';
import { type ListedObject, ObjectList } from './object-list.ts';

/** Where a backup is restored to. */
export interface RestoreTarget {
  readonly dataDir: string;
  /** The path of the database inside the data folder. */
  readonly database: string;
  readonly driver: StorageDriver;
  /** The newest schema that this program knows. */
  readonly schema: number;
  /** The mark of a database whose restore has not finished; no service starts on it. */
  readonly readMark: (database: string) => string | undefined;
  readonly writeMark: (database: string, mark: string | undefined) => void;
}

export interface RestoreOptions {
  /** A folder of backups, whose newest is taken, or one backup in it. */
  readonly from: string;
  readonly target: RestoreTarget;
  readonly onObjects: (progress: { readonly done: number; readonly total: number }) => void;
}

export interface Restored extends WholeBackup {
  /** The keys of objects whose file in the backup is missing or damaged; they were not restored. */
  readonly damaged: readonly string[];
}

const lanes = 8;
const progressStep = 100;

/**
 * Restores a backup into an empty data folder, or goes on with a restore of the same backup that was interrupted. The database comes
 * first, with a mark that keeps services from starting; it goes when everything is there. Rejects with a sentence.
 */
export async function restoreBackup({ from, target, onObjects }: RestoreOptions): Promise<Restored> {
  const backup = await findBackup(from);
  assertSchema(backup, target);
  await assertUnchanged(path.join(backup.folder, objectListName), backup.manifest.objects);
  await mkdir(target.dataDir, { recursive: true, mode: 0o700 });
  await placeDatabase(backup, target);
  const damaged = await placeObjects(backup, { target, onObjects });
  await placeFiles(backup, target);
  target.writeMark(target.database, undefined);
  return { ...backup, damaged };
}

async function findBackup(from: string): Promise<WholeBackup> {
  const manifest = await readManifest(from);
  if (manifest) return { folder: from, manifest };
  const newest = await findNewest(from).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (!newest)
    throw new Error(
      `There is no whole backup in ${from}. A backup that was interrupted is not whole: run darkroom backup again.`,
    );
  return newest;
}

function assertSchema({ folder, manifest }: WholeBackup, { schema }: RestoreTarget): void {
  if (manifest.schema > schema)
    throw new Error(
      `The backup ${folder} has schema ${manifest.schema}, made by Darkroom ${manifest.program}; this one knows up to ${schema}. Restore it with that version or a newer one.`,
    );
}

async function assertUnchanged(file: string, { sha256 }: { readonly sha256: string }): Promise<void> {
  if ((await hashFile(file)) !== sha256)
    throw new Error(`${file} differs from what the manifest says. The backup is damaged: use another one.`);
}

/** Links may be shared by several backups, so the database is copied, and marked before it gets its name. */
async function placeDatabase(backup: WholeBackup, target: RestoreTarget): Promise<void> {
  const { dataDir, database, readMark, writeMark } = target;
  const mark = toMark(backup.manifest);
  const draft = `${database}.restoring`;
  const names = (await readdir(dataDir)).filter(
    (name) => !name.startsWith(path.basename(draft)) && name !== 'lost+found',
  );
  if (names.includes(path.basename(database)) && readMark(database) === mark) return;
  if (names.length > 0)
    throw new Error(`${dataDir} is not empty. Restore into an empty folder, so that nothing is overwritten.`);
  await copyFile(path.join(backup.folder, databaseName), draft);
  await chmod(draft, 0o600);
  await assertUnchanged(draft, backup.manifest.database);
  writeMark(draft, mark);
  await flush(draft);
  await rename(draft, database);
  await flush(dataDir);
}

function toMark({ at, database }: Manifest): string {
  return `backup ${at} ${database.sha256}`;
}

/** An object that the target has already is left: drivers never show a part of one. */
async function placeObjects(
  { folder, manifest }: WholeBackup,
  { target, onObjects }: Pick<RestoreOptions, 'target' | 'onObjects'>,
): Promise<readonly string[]> {
  const { driver } = target;
  await driver.check();
  const list = ObjectList.read(path.join(folder, objectListName));
  const damaged: string[] = [];
  let done = 0;
  try {
    await inLanes(list, lanes, async (object) => {
      if (!(await place(object, { folder, driver }))) damaged.push(object.key);
      done++;
      if (done % progressStep === 0) onObjects({ done, total: manifest.objects.count });
    });
    return damaged.sort();
  } finally {
    list.close();
  }
}

/** `false`: the backup's file is missing or damaged. */
async function place(
  { key, bytes, sha256 }: ListedObject,
  { folder, driver }: { readonly folder: string; readonly driver: StorageDriver },
): Promise<boolean> {
  if ((await driver.stat(key))?.bytes === bytes) return true;
  const file = path.join(folder, mediaName, key);
  if ((await hashFile(file).catch(ifMissing)) !== sha256) return false;
  const contentType = key.startsWith('signatures/') ? 'text/plain' : toImageType(key);
  await driver.write(key, file, { contentType, cacheControl });
  return true;
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'EIO') throw error;
}

async function placeFiles({ folder, manifest }: WholeBackup, { dataDir }: RestoreTarget): Promise<void> {
  for (const [name, facts] of Object.entries(manifest.files)) {
    const to = path.join(dataDir, path.basename(name));
    await copyFile(path.join(folder, filesName, path.basename(name)), to);
    await chmod(to, 0o600);
    await assertUnchanged(to, facts);
    await flush(to);
  }
  await flush(dataDir);
}
