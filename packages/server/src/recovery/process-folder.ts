import type { Dirent } from 'node:fs';
import { mkdir, readdir, rename } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createSecret } from '../platform/ids.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';

/**
 * Makes the folder of this process inside `root`, which need not exist. The folder gets its name only when it is locked: under
 * its name and without a lock, it would be taken for one that was left.
 */
export async function createProcessFolder(
  root: string,
): Promise<{ readonly folder: string; readonly lock: FolderLock }> {
  const name = `${os.hostname()}-${process.pid}-${createSecret()}`;
  const draft = path.join(root, `~${name}`);
  await mkdir(root, { recursive: true });
  await mkdir(draft, { mode: 0o700 });
  const lock = lockFolder(draft);
  if (!lock) throw new Error(`The new folder ${draft} is locked by another process`);
  const folder = path.join(root, name);
  await rename(draft, folder);
  return { folder, lock };
}

/** The host whose process made the folder; `undefined` when it is no folder of a process, or has no lock yet. */
export function toHost({ name }: Pick<Dirent, 'name'>): string | undefined {
  return /^([^~].*)-\d+-[\w-]{32}$/.exec(name)?.[1];
}

export interface SpoolUse {
  /** A process on the data folder runs. */
  readonly isHeld: boolean;
  /** A process was killed, and nobody has cleared its folder. */
  readonly isLeft: boolean;
}

/** Looks at the locks of all processes' folders inside `root`, which need not exist. */
export async function findSpoolUse(root: string): Promise<SpoolUse> {
  const folders = (await list(root)).filter((entry) => entry.isDirectory() && toHost(entry) !== undefined);
  const isFree = folders.map(({ name }) => {
    const lock = lockFolder(path.join(root, name));
    lock?.release();
    return lock !== undefined;
  });
  return { isHeld: isFree.includes(false), isLeft: isFree.includes(true) };
}

/** Empty when the folder is gone: another process may be clearing it. */
export async function list(folder: string, options: { readonly recursive?: boolean } = {}): Promise<readonly Dirent[]> {
  return readdir(folder, { ...options, withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}
