import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { copyFile, link, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isThumbnailKey } from '../../media/picture-name.ts';
import type { StorageDriver } from '../../media/storage-driver.ts';
import { inLanes } from '../../platform/lanes.ts';
import { mediaName } from './manifest.ts';
import type { ListedObject, ObjectList, WritableObjectList } from './object-list.ts';

export interface ObjectCopierOptions {
  readonly driver: StorageDriver;
  /** The folder of the unfinished backup. */
  readonly folder: string;
  readonly list: WritableObjectList;
  readonly previous: PreviousBackup | undefined;
  /** Called after every hundredth object that was looked at. */
  readonly onProgress: (progress: CopyProgress) => void;
}

export interface PreviousBackup {
  readonly folder: string;
  readonly list: ObjectList;
}

export interface CopyProgress {
  /** In this walk of the storage. */
  readonly seen: number;
  /** In all walks. */
  readonly copied: number;
  readonly copiedBytes: number;
}

/** How many objects are copied at the same time. */
const lanes = 8;
/** A line of a log for each object would be too many. */
const progressStep = 100;

/**
 * Brings the objects of a storage into a backup. An object never changes under its key, so one that the previous backup has is not
 * read again: it becomes a hard link to the file there. Nothing ever writes into a file of a backup, so they may share it. The
 * originals are copied and never linked: a backup has to survive what happens to them.
 */
export class ObjectCopier {
  readonly #options: ObjectCopierOptions;
  readonly #made = new Set<string>();
  #progress: CopyProgress = { seen: 0, copied: 0, copiedBytes: 0 };

  constructor(options: ObjectCopierOptions) {
    this.#options = options;
  }

  get progress(): CopyProgress {
    return this.#progress;
  }

  /** Walks the storage and copies what the list does not have. Thumbnails are left out: they can be made again. */
  async copyNew(): Promise<void> {
    this.#progress = { ...this.#progress, seen: 0 };
    this.#options.list.forget('stored');
    await inLanes(this.#options.driver.list(''), lanes, async (key) => {
      if (!isThumbnailKey(key)) await this.#bring(key);
    });
  }

  /** Replaces an object by the one of the previous backup, if that `isGood`. */
  async takePrevious(key: string, isGood: (object: ListedObject) => boolean = () => true): Promise<boolean> {
    const { previous, list } = this.#options;
    const object = previous?.list.find(key);
    if (!previous || !object || !isGood(object)) return false;
    await linkOrCopy(path.join(previous.folder, mediaName, key), await this.#clear(key));
    list.add(object);
    return true;
  }

  /** Removes an object from the backup. */
  async remove(key: string): Promise<void> {
    this.#options.list.remove(key);
    await rm(this.#toPath(key), { force: true });
  }

  async #bring(key: string): Promise<void> {
    const { list, onProgress } = this.#options;
    list.see(key, 'stored');
    const copied =
      list.find(key) || (!isUpload(key) && (await this.takePrevious(key))) ? undefined : await this.#copy(key);
    const { seen, copied: count, copiedBytes } = this.#progress;
    this.#progress = {
      seen: seen + 1,
      copied: count + (copied ? 1 : 0),
      copiedBytes: copiedBytes + (copied?.bytes ?? 0),
    };
    if (this.#progress.seen % progressStep === 0) onProgress(this.#progress);
  }

  /** `undefined`: it was removed since it was listed. */
  async #copy(key: string): Promise<ListedObject | undefined> {
    const found = await this.#options.driver.read(key);
    if (!found) return undefined;
    const hash = createHash('sha256');
    let bytes = 0;
    const measure = async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    };
    const file = createWriteStream(await this.#clear(key), { flags: 'wx', mode: 0o600, flush: true });
    await pipeline(found.stream, measure, file);
    const object = { key, bytes, sha256: hash.digest('hex') };
    this.#options.list.add(object);
    return object;
  }

  /**
   * The path for the object's file, with nothing there. A file that an interrupted run has left may be a link to the one of the
   * previous backup, so it is removed and never written to.
   */
  async #clear(key: string): Promise<string> {
    const file = this.#toPath(key);
    const folder = path.dirname(file);
    if (!this.#made.has(folder)) await mkdir(folder, { recursive: true, mode: 0o700 });
    this.#made.add(folder);
    await rm(file, { force: true });
    return file;
  }

  #toPath(key: string): string {
    return path.join(this.#options.folder, mediaName, key);
  }
}

/** A caller may put another picture into the bucket under the same key, for some minutes. */
function isUpload(key: string): boolean {
  return key.startsWith('uploads/');
}

/** Not every file system has hard links, and a file has only so many. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch((error: NodeJS.ErrnoException) => {
    if (!['EPERM', 'EXDEV', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(error.code ?? '')) throw error;
    return copyFile(from, to);
  });
}
