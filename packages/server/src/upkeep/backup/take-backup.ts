import { chmod, copyFile, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ListedPicture } from '../../core/stored-picture.ts';
import { toPictureKey } from '../../media/picture-name.ts';
import { hashFile } from '../../media/sha256.ts';
import type { StorageDriver } from '../../media/storage-driver.ts';
import type { Clock } from '../../platform/clock.ts';
import { version } from '../../platform/version.ts';
import type { RequestStore } from '../../store/request-store.ts';
import { findNewest, finish, removeOld, toUnfinished, type WholeBackup } from './backup-folders.ts';
import { databaseName, filesName, type Manifest, objectListName, writeManifest } from './manifest.ts';
import { type CopyProgress, ObjectCopier, type PreviousBackup } from './object-copier.ts';
import { ObjectList, type WritableObjectList } from './object-list.ts';

/** What is backed up. */
export interface BackupSource {
  readonly driver: StorageDriver;
  readonly schema: number;
  /** Writes the state of the database at one moment into the file, while others write to the database. */
  readonly takeSnapshot: (to: string) => Promise<void>;
  /** The rows of a snapshot; those of the service itself when no file is given. */
  readonly openRows: (file?: string) => Promise<Rows>;
  readonly countRequests: (snapshot: string) => Readonly<Record<string, number>>;
  /** Paths of files of the data folder. Missing ones are left out. */
  readonly files: readonly string[];
}

export interface Rows extends Pick<RequestStore, 'findPicture' | 'listPictures'> {
  readonly close: () => Promise<void>;
}

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
const maxNames = 20;
const pageRows = 256;

/**
 * Takes a backup of a service while it runs. Objects are stored before a row names them, so objects that are copied after the snapshot
 * are all that its rows name, except for those that were removed in between. Most were copied before it; if one was not, the snapshot
 * is taken again. An interrupted backup keeps what it has copied, and the next one goes on with that.
 */
export async function takeBackup(options: TakeBackupOptions): Promise<TakenBackup> {
  const { to } = options;
  const folder = toUnfinished(to);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const newest = await findNewest(to);
  const previous = newest && { ...newest, list: ObjectList.read(path.join(newest.folder, objectListName)) };
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
    const { lost, hasGone } = await compare(database, { ...filling, copier });
    if (hasGone) continue;
    for (const key of list.listRemoved()) await copier.remove(key);
    return { manifest: await describe(filling, { at, lost }), copied: copier.progress.copied };
  }
  throw new Error('Pictures were removed faster than they could be copied. Run the same command again: it continues.');
}

interface Comparison {
  readonly lost: Manifest['lost'];
  /** Was a picture removed between the snapshot and its copy? */
  readonly hasGone: boolean;
}

/** Looks whether the backup has the objects that the rows of its snapshot name, and takes those that the storage has lost from the backup before. */
async function compare(snapshot: string, context: Filling & { readonly copier: ObjectCopier }): Promise<Comparison> {
  const { source, list } = context;
  list.forget('named');
  const [rows, live] = [await source.openRows(snapshot), await source.openRows()];
  const lost: string[] = [];
  let count = 0;
  try {
    for await (const picture of walk(rows)) {
      if (await hasAll(picture, context)) continue;
      if (!(await live.findPicture(picture.name))) return { lost: { count: 0, names: [] }, hasGone: true };
      count++;
      if (lost.length < maxNames) lost.push(picture.name);
    }
    return { lost: { count, names: lost }, hasGone: false };
  } finally {
    await rows.close();
    await live.close();
  }
}

async function* walk(rows: Rows): AsyncGenerator<ListedPicture> {
  for (let after = ''; ; ) {
    const page = await rows.listPictures({ after, limit: pageRows });
    yield* page;
    const last = page.at(-1);
    if (!last) return;
    after = last.name;
  }
}

async function hasAll(
  { name, bytes, sha256, otherKeys = [] }: ListedPicture,
  { list, copier }: Pick<Filling, 'list'> & { readonly copier: ObjectCopier },
): Promise<boolean> {
  const isWhole = (object: { readonly bytes: number; readonly sha256: string }) =>
    (bytes === undefined || object.bytes === bytes) && (sha256 === undefined || object.sha256 === sha256);
  let isThere = true;
  for (const [key, isGood] of [
    [toPictureKey(name), isWhole] as const,
    ...otherKeys.map((other) => [other, () => true] as const),
  ]) {
    list.see(key, 'named');
    const found = list.find(key);
    const isHere = (found !== undefined && isGood(found)) || (await copier.takePrevious(key, isGood));
    isThere = isThere && isHere;
  }
  return isThere;
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
