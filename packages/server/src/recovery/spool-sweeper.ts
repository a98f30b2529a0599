import type { Dirent } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Clock } from '../platform/clock.ts';
import { clearFolder } from './clear-folder.ts';
import { lockFolder, lockName } from './folder-lock.ts';
import { list, toHost } from './process-folder.ts';
import { isSetAside, type SpoolFolderOptions } from './spool-folder.ts';

export interface SpoolOptions extends SpoolFolderOptions {
  readonly clock: Clock;
}

const dayMs = 24 * 3_600_000;

/** Clears what was left in the spool: the folders of processes that are gone, and folders of this process that were set aside. */
export class SpoolSweeper {
  readonly #root: string;
  readonly #own: string;
  readonly #options: SpoolOptions;

  /** `own` is the folder of this process inside `root`. */
  constructor(root: string, own: string, options: SpoolOptions) {
    this.#root = root;
    this.#own = own;
    this.#options = options;
  }

  /** Clears all that was left. What cannot be cleared is logged and waits for the next time. */
  async sweep(): Promise<void> {
    for (const entry of await list(this.#root)) {
      const folder = path.join(this.#root, entry.name);
      if (folder === this.#own) await this.#clearAll(await this.#listSetAside());
      else if (entry.isDirectory() && (await this.#isLeft(entry))) await this.sweepProcess(folder);
    }
  }

  /** Clears the folder of a process, unless that process still runs or another one is clearing it. */
  async sweepProcess(folder: string): Promise<void> {
    const lock = lockFolder(folder);
    if (!lock) return;
    try {
      const entries = (await list(folder)).filter(({ name }) => name !== lockName);
      const isClear = await this.#clearAll(entries.map(({ name }) => path.join(folder, name)));
      if (isClear) await rm(folder, { recursive: true, force: true });
    } finally {
      lock.release();
    }
  }

  async #clearAll(folders: readonly string[]): Promise<boolean> {
    let isClear = true;
    for (const folder of folders) {
      await clearFolder(folder, this.#options).catch((error: unknown) => {
        isClear = false;
        this.#options.logger.error({ event: 'spool.uncleared', folder, err: error });
      });
    }
    return isClear;
  }

  async #listSetAside(): Promise<readonly string[]> {
    const entries = await list(this.#own);
    return entries.filter(({ name }) => isSetAside(name)).map(({ name }) => path.join(this.#own, name));
  }

  /**
   * May the folder be one that a process has left? On this host its lock tells. Not every shared file system carries locks
   * from host to host: the folder of another host must also have been unchanged for a day.
   */
  async #isLeft(entry: Dirent): Promise<boolean> {
    const host = toHost(entry);
    if (host === undefined || host === os.hostname()) return host !== undefined;
    return (await findLastChange(path.join(this.#root, entry.name))) < this.#options.clock.now() - dayMs;
  }
}

async function findLastChange(folder: string): Promise<number> {
  const entries = await list(folder, { recursive: true });
  const paths = [folder, ...entries.map(({ parentPath, name }) => path.join(parentPath, name))];
  const times = await Promise.all(
    paths.map((each) =>
      stat(each).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  return Math.max(...times);
}
