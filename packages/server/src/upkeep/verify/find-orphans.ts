import { DatabaseSync } from 'node:sqlite';
import { isThumbnailKey, toPictureKey } from '../../media/picture-name.ts';
import type { StorageDriver } from '../../media/storage-driver.ts';
import type { RemovalStore } from '../../store/removal-store.ts';
import type { RequestStore } from '../../store/request-store.ts';
import type { UploadStore } from '../../store/upload-store.ts';

/** The keys of a storage that no row has named yet: a file, since a list in memory would grow with the pictures. */
export class UnnamedKeys {
  readonly #db: DatabaseSync;
  readonly #remove: (key: string) => void;

  private constructor(file: string) {
    this.#db = new DatabaseSync(file);
    this.#db.exec('PRAGMA synchronous = OFF; CREATE TABLE keys (key TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID');
    const remove = this.#db.prepare('DELETE FROM keys WHERE key = ?');
    this.#remove = (key) => void remove.run(key);
  }

  /** All keys of the storage but those of thumbnails, which can be made again. The file must not exist. */
  static async list(file: string, driver: StorageDriver): Promise<UnnamedKeys> {
    const unnamed = new UnnamedKeys(file);
    const insert = unnamed.#db.prepare('INSERT INTO keys (key) VALUES (?) ON CONFLICT DO NOTHING');
    unnamed.#db.exec('BEGIN');
    for await (const key of driver.list('')) if (!isThumbnailKey(key)) insert.run(key);
    return unnamed;
  }

  name(key: string): void {
    this.#remove(key);
  }

  *[Symbol.iterator](): Generator<string> {
    for (const { key } of this.#db.prepare('SELECT key FROM keys ORDER BY key').iterate()) yield String(key);
  }

  close(): void {
    this.#db.close();
  }
}

export interface OrphanRows {
  readonly requests: Pick<RequestStore, 'findPicture' | 'listPictures'>;
  readonly uploads: Pick<UploadStore, 'findOwner'>;
  readonly removals: Pick<RemovalStore, 'isRemoved'>;
}

/**
 * Is the object not named by any row, although it was there before the rows were read? It may have been recorded since, be an upload
 * that no request has used yet, or wait for its removal.
 */
export async function isOrphan(key: string, { requests, uploads, removals }: OrphanRows): Promise<boolean> {
  const name = key.slice(key.lastIndexOf('/') + 1);
  const isPicture = key === toPictureKey(name);
  if ((await removals.isRemoved(isPicture ? name : key)) || (await uploads.findOwner(name))) return false;
  if (isPicture) return (await requests.findPicture(name)) === undefined;
  // A signature may be named only inside a payload, which nothing finds by it.
  if (key.startsWith('signatures/')) return false;
  // An original has the id of its picture.
  const id = name.replace(/\..*$/, '');
  const [picture] = await requests.listPictures({ after: `${id}.`, limit: 1 });
  return !picture?.otherKeys?.includes(key);
}
