import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { CopyPlace } from '../config/copy-place.ts';
import { copyObjects, type ObjectProgress } from '../media/copy-objects.ts';
import type { Logger } from '../platform/logger.ts';
import { findSpoolUse } from '../recovery/process-folder.ts';
import { toSpoolRoot } from '../recovery/spool.ts';
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
  if (url === undefined) {
    const isServed = async () => (await findSpoolUse(toSpoolRoot(dataDir))).isHeld;
    return openSqliteCopier({ file: toFile(place), isServed });
  }
  const { openPostgresCopier } = await import('../store/postgres/copy/copy-rows.ts');
  return openPostgresCopier({ url, logger });
}

/** Opening would make an empty database where there is none. */
async function assertPresent(place: CopyPlace): Promise<void> {
  if (place.databaseUrl !== undefined) return;
  if (!existsSync(toFile(place))) throw new Error(`There is no Darkroom in ${place.dataDir}.`);
  if ((await findSpoolUse(toSpoolRoot(place.dataDir))).isLeft)
    throw new Error(
      'The source was killed instead of stopped. Start it again and stop it, so that everything that was under way is recorded.',
    );
}
