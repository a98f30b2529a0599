import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, mkdir, open, opendir, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { flush } from '../../platform/flush.ts';
import { createSecret } from '../../platform/ids.ts';
import { inLanes } from '../../platform/lanes.ts';
import type { ByteRange, ObjectStat, StorageDriver, StoredObject } from '../storage-driver.ts';
import { assertStorageKey, assertStoragePrefix, isStorageKeySegment } from '../storage-key.ts';
import { toDiskError } from './disk-errors.ts';

/**
 * Objects as files of a folder; the key is the path below it. Only their owner can read the files: Darkroom serves a
 * picture to those who may see it.
 *
 * A write makes a draft under a name that no key can have, flushes it, renames it to its final name, and flushes its folder;
 * at the first write into a folder, those above it, too. The draft is a copy and not a hard link, because a link would share
 * the file with the caller, who may still write to it. On file systems that can share blocks (Btrfs, XFS, APFS) the copy costs
 * almost nothing.
 *
 * The first `check` makes the folder and must come before the first write. Nothing recreates the folder later, on
 * purpose: if a volume were unmounted, the pictures would silently go to the disk below.
 */
export function createDiskDriver(options: { readonly folder: string }): StorageDriver {
  return new DiskDriver(options.folder);
}

class DiskDriver implements StorageDriver {
  readonly #folder: string;
  readonly #drafts: string;
  /** Folders whose names are on the disk; keys have at most a few thousand. */
  readonly #anchored = new Set<string>();
  #wasReady = false;

  constructor(folder: string) {
    this.#folder = folder;
    this.#drafts = join(folder, '~drafts');
  }

  async write(key: string, source: string): Promise<void> {
    const target = this.#toPath(key);
    const draft = join(this.#drafts, `${toDraftPrefix(key)}${createSecret()}`);
    let mine = draft;
    try {
      await copyFile(source, draft, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
      await seal(draft);
      const isNew = (await mkdir(dirname(target), { recursive: true, mode: folderMode })) !== undefined;
      await rename(draft, target);
      mine = target;
      await this.#flushFolder(dirname(target), isNew);
    } catch (error) {
      await rm(mine, { force: true }).catch(() => {});
      throw toDiskError(error, this.#folder);
    }
  }

  async read(key: string, range?: ByteRange): Promise<StoredObject | undefined> {
    const file = await ifThere(open(this.#toPath(key)));
    if (!file) return undefined;
    const found = await file.stat();
    if (found.isFile()) return { bytes: found.size, stream: file.createReadStream({ ...range, highWaterMark }) };
    await file.close();
    return undefined;
  }

  async stat(key: string): Promise<ObjectStat | undefined> {
    const found = await ifThere(stat(this.#toPath(key)));
    return found?.isFile() ? { bytes: found.size } : undefined;
  }

  async delete(key: string): Promise<boolean> {
    const path = this.#toPath(key);
    await this.#removeDraftsOf(key);
    return (await ifThere(unlink(path).then(() => true))) ?? false;
  }

  /** Without the search for drafts, which no complete object has. */
  async deleteStored(keys: readonly string[]): Promise<void> {
    await inLanes(keys, unlinksAtOnce, (key) => ifThere(unlink(this.#toPath(key))));
  }

  async *list(prefix: string): AsyncGenerator<string, void> {
    assertStoragePrefix(prefix);
    const folder = await ifThere(opendir(join(this.#folder, prefix)));
    if (!folder) return;
    for await (const entry of folder) {
      // Leaves out drafts, and files that others put there, e.g. `lost+found`.
      if (!isStorageKeySegment(entry.name)) continue;
      const key = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
      if (entry.isDirectory()) yield* this.list(key);
      else if (entry.isFile()) yield key;
    }
  }

  async check(): Promise<void> {
    const probe = join(this.#drafts, createSecret());
    try {
      if (!this.#wasReady) await this.#makeFolder();
      const file = await open(probe, 'wx', fileMode);
      await file.writeFile('probe').finally(() => file.close());
      await this.#removeDraftsOlderThan(probe);
      this.#wasReady = true;
    } catch (error) {
      throw toDiskError(error, this.#folder);
    } finally {
      await rm(probe, { force: true }).catch(() => {});
    }
  }

  async #makeFolder(): Promise<void> {
    const firstMade = await mkdir(this.#drafts, { recursive: true, mode: folderMode });
    if (firstMade) await flushFolders(this.#folder, dirname(firstMade));
  }

  /** A process that was killed while it wrote the object has left a draft; the cleanup after it knows only the key. */
  async #removeDraftsOf(key: string): Promise<void> {
    const prefix = toDraftPrefix(key);
    for (const name of (await ifThere(readdir(this.#drafts))) ?? []) {
      if (name.startsWith(prefix)) await rm(join(this.#drafts, name), { force: true });
    }
  }

  /** Drafts that nothing has cleaned up. Their age is measured by the disk's own clock, which also gave the probe its time. */
  async #removeDraftsOlderThan(probe: string): Promise<void> {
    const oldest = (await stat(probe)).mtimeMs - draftLifetimeMs;
    for await (const entry of await opendir(this.#drafts)) {
      const path = join(this.#drafts, entry.name);
      const found = await ifThere(stat(path));
      if (found && found.mtimeMs < oldest) await rm(path, { force: true });
    }
  }

  /**
   * Flushes the folder and, unless this was done before, all folders above it. This includes folders that existed: another writer
   * may have made one a moment ago without flushing it yet.
   */
  async #flushFolder(folder: string, isNew: boolean): Promise<void> {
    if (this.#anchored.has(folder) && !isNew) return await flush(folder);
    await flushFolders(folder, this.#folder);
    this.#anchored.add(folder);
  }

  #toPath(key: string): string {
    assertStorageKey(key);
    return join(this.#folder, key);
  }
}

/** One by one, each would wait for a thread while others decode pictures, and a busy service would end more requests than go. */
const unlinksAtOnce = 8;

const fileMode = 0o600;
const folderMode = 0o700;

/** The common part of the names of one key's drafts. A key itself may be longer than a file name. */
function toDraftPrefix(key: string): string {
  return `${createHash('sha256').update(key).digest('base64url')}.`;
}

/** Far longer than any write takes: other processes may be writing to the same folder. */
const draftLifetimeMs = 60 * 60 * 1000;

/** With Node's 64 KiB, one client gets a picture of 9 MB a quarter slower: 32 instead of 43 per second. */
const highWaterMark = 256 * 1024;

/** `undefined` when the path leads to nothing. */
async function ifThere<T>(found: Promise<T>): Promise<T | undefined> {
  return found.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
}

/** Flushes the folder `from` and all folders above it, up to `to`, at the same time. */
async function flushFolders(from: string, to: string): Promise<void> {
  const above = from.length > to.length ? flushFolders(dirname(from), to) : undefined;
  await Promise.all([flush(from), above]);
}

async function seal(path: string): Promise<void> {
  const handle = await open(path);
  try {
    await handle.chmod(fileMode);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
