import type { Dirent } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Clock } from '../platform/clock.ts';
import { createSecret } from '../platform/ids.ts';
import type { Logger } from '../platform/logger.ts';
import { createRepeat } from '../platform/repeat.ts';
import type { Service } from '../platform/service.ts';
import { type FolderLock, lockFolder, lockName } from './folder-lock.ts';
import { clearFolder, isSetAside, type RetireOptions } from './retire-folder.ts';

/** The spool of this process. While it runs, it clears what others that were killed have left. */
export interface Spool extends Service {
  /** Of this process alone. Every attempt and submit has a folder of its own in it. */
  readonly folder: string;
}

export interface SpoolOptions extends RetireOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

const everyMs = 60_000;
const dayMs = 24 * 3_600_000;

/**
 * Makes the spool folder of this process inside `root`, and clears those of processes that are gone before it resolves: so
 * an answer that was stored and not recorded is recorded before somebody pays for another one. `stop` clears the own folder
 * too and comes after everything that uses it, and before the store is closed.
 */
export async function prepareSpool(root: string, options: SpoolOptions): Promise<Spool> {
  const { clock, logger } = options;
  await mkdir(root, { recursive: true });
  const { folder, lock } = await makeFolder(root);
  const sweeper = new SpoolSweeper(root, folder, options);
  await sweeper.sweep();
  const work = () => sweeper.sweep();
  const repeat = createRepeat({ event: 'spool.unswept', everyMs, work, clock, logger });
  return {
    folder,
    start: repeat.start,
    stop: async () => {
      await repeat.stop();
      lock.release();
      await sweeper.sweepProcess(folder);
    },
  };
}

/** The folder gets its name only when it is locked: under it, without a lock, it would be taken for one that was left. */
async function makeFolder(root: string): Promise<{ readonly folder: string; readonly lock: FolderLock }> {
  const name = `${os.hostname()}-${process.pid}-${createSecret()}`;
  const draft = path.join(root, `${draftPrefix}${name}`);
  await mkdir(draft, { mode: 0o700 });
  const lock = lockFolder(draft);
  if (!lock) throw new Error(`The new folder ${draft} is locked by somebody else`);
  const folder = path.join(root, name);
  await rename(draft, folder);
  return { folder, lock };
}

const draftPrefix = '~';

class SpoolSweeper {
  readonly #root: string;
  readonly #own: string;
  readonly #options: SpoolOptions;

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
      else if (entry.isDirectory() && (await this.#isLeft(entry.name))) await this.sweepProcess(folder);
    }
  }

  /** Clears the folder of a process, unless that still runs or somebody else is clearing it. */
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
   * from host to host, so that the folder of another one must also have lain untouched for a day.
   */
  async #isLeft(name: string): Promise<boolean> {
    const [, host] = /^(.+)-\d+-[\w-]{32}$/.exec(name) ?? [];
    if (host === undefined || host === os.hostname()) return host !== undefined;
    return (await findLastChange(path.join(this.#root, name))) < this.#options.clock.now() - dayMs;
  }
}

/** Empty when the folder is gone: another sweeper may be at work. */
async function list(folder: string, options: { readonly recursive?: boolean } = {}): Promise<readonly Dirent[]> {
  return readdir(folder, { ...options, withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
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
