import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { CopyPlace } from '../config/copy-place.ts';
import { copyObjects, type ObjectProgress } from '../media/copy-objects.ts';
import type { Logger } from '../platform/logger.ts';
import { lockFolder } from '../recovery/folder-lock.ts';
import { copyRows, type RowProgress } from '../store/copy/copy-rows.ts';
import type { RowCopier } from '../store/copy/row-copier.ts';
import { openSqliteCopier } from '../store/sqlite/copy/copy-rows.ts';
import { createDriver } from './storage.ts';
import { toFile } from './store.ts';

export interface CopyOptions {
  readonly from: CopyPlace;
  readonly to: CopyPlace;
  readonly logger: Logger;
  readonly onRows: (progress: RowProgress) => void;
  readonly onObjects: (progress: ObjectProgress) => void;
}

/**
 * Copies the pictures, then the rows that name them. What was broken off goes on when it is done again with the same two
 * places. Rejects with a sentence when a side is in use, when the target has something of its own, or when a copy differs.
 */
export async function copyAll({ from, to, logger, onRows, onObjects }: CopyOptions): Promise<void> {
  await assertPresent(from);
  const source = await openCopier(from, logger);
  try {
    const target = await openCopier(to, logger);
    const folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-copy-'));
    try {
      await copyRows({
        from: source,
        to: target,
        onProgress: onRows,
        copyObjects: () =>
          copyObjects({ from: createDriver(from), to: createDriver(to), folder, onProgress: onObjects }),
      });
    } finally {
      await target.close();
      await rm(folder, { recursive: true, force: true });
    }
  } finally {
    await source.close();
  }
}

async function openCopier(place: CopyPlace, logger: Logger): Promise<RowCopier> {
  const { databaseUrl: url, dataDir } = place;
  if (url === undefined)
    return openSqliteCopier({ file: toFile(place), isServed: async () => (await lookAtSpools(dataDir)).held });
  const { openPostgresCopier } = await import('../store/postgres/copy/copy-rows.ts');
  return openPostgresCopier({ url, logger });
}

/** Opening would make an empty database where there is none. */
async function assertPresent(place: CopyPlace): Promise<void> {
  if (place.databaseUrl !== undefined) return;
  if (!existsSync(toFile(place))) throw new Error(`There is no Darkroom in ${place.dataDir}.`);
  if ((await lookAtSpools(place.dataDir)).left)
    throw new Error(
      'The source was killed, and not stopped. Start it once more and stop it, so that all that was under way is recorded.',
    );
}

/** By the locks of the spool folders, each of which belongs to a process. */
async function lookAtSpools(dataDir: string): Promise<{ readonly held: boolean; readonly left: boolean }> {
  const root = path.join(dataDir, 'spool');
  const found = { held: false, left: false };
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isDirectory() || entry.name.startsWith('~')) continue;
    const lock = lockFolder(path.join(root, entry.name));
    lock?.release();
    if (lock) found.left = true;
    else found.held = true;
  }
  return found;
}
