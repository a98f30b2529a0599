import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type ExaminedPictures, examinePictures, type Losses } from '../../media/examine-pictures.ts';
import type { MediaStore } from '../../media/media-store.ts';
import type { StorageDriver } from '../../media/storage-driver.ts';
import { StoreDamagedError } from '../../store/store-errors.ts';
import { isOrphan, type OrphanRows, UnnamedKeys } from './find-orphans.ts';

/*
 * Rows against pictures, both ways: does the storage have what rows name, and do rows name what the storage has? Nothing is changed.
 */

export interface VerifyOptions {
  readonly rows: OrphanRows;
  readonly media: Pick<MediaStore, 'measure' | 'openObject'>;
  readonly driver: StorageDriver;
  /** What the database says about its own pages: sentences, none when it is well. Missing: it has no such check. */
  readonly checkDatabase: (() => readonly string[]) | undefined;
  /** Compares lengths without reading the pictures. */
  readonly isFast: boolean;
  readonly onProgress: (text: string) => void;
}

export interface Verified {
  readonly database: readonly string[];
  readonly pictures: ExaminedPictures;
  /** Objects that no row names. They waste space and do no harm. */
  readonly orphans: Losses;
  /** Does everything that rows name exist as it was? */
  readonly isWhole: boolean;
}

const maxOrphans = 20;
const none: Losses = { count: 0, names: [] };

export async function verify(options: VerifyOptions): Promise<Verified> {
  const { checkDatabase, driver, onProgress } = options;
  onProgress('checking the pages of the database');
  const database = checkDatabase?.() ?? [];
  const folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-verify-'));
  try {
    onProgress('listing the storage');
    const unnamed = await UnnamedKeys.list(path.join(folder, 'keys.db'), driver);
    const { pictures, damage } = await comparePictures(unnamed, options);
    // What the damaged rows name is not known, so it would count as named by none.
    const orphans = damage === undefined ? await findOrphans(unnamed, options.rows) : none;
    unnamed.close();
    if (damage !== undefined) return { database: [...database, damage], pictures, orphans, isWhole: false };
    const { missing, cut, changed, unreadable } = pictures;
    const ill = [missing, cut, changed, unreadable].reduce((sum, { count }) => sum + count, database.length);
    return { database, pictures, orphans, isWhole: ill === 0 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Compared {
  readonly pictures: ExaminedPictures;
  /** A sentence when damaged pages ended the comparison early. */
  readonly damage?: string;
}

async function comparePictures(
  unnamed: UnnamedKeys,
  { rows, media, isFast, onProgress }: VerifyOptions,
): Promise<Compared> {
  let examined = 0;
  try {
    const pictures = await examinePictures({
      store: rows.requests,
      media,
      most: Number.POSITIVE_INFINITY,
      readsBytes: !isFast,
      onKey: (key) => unnamed.name(key),
      onProgress: (count) => {
        examined = count;
        onProgress(`compared ${examined} pictures`);
      },
    });
    return { pictures };
  } catch (error) {
    if (!(error instanceof StoreDamagedError)) throw error;
    const damage = `rows of pictures are damaged, so only ${examined} pictures were compared`;
    return { pictures: { examined, isAll: false, missing: none, cut: none, changed: none, unreadable: none }, damage };
  }
}

async function findOrphans(unnamed: UnnamedKeys, rows: OrphanRows): Promise<Losses> {
  const names: string[] = [];
  let count = 0;
  for (const key of unnamed) {
    if (!(await isOrphan(key, rows))) continue;
    count++;
    if (names.length < maxOrphans) names.push(key);
  }
  return { count, names };
}
