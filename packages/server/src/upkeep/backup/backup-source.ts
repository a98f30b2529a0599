import type { StorageDriver } from '../../media/storage-driver.ts';
import type { RequestStore } from '../../store/request-store.ts';

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
