import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { toDiskError } from '../../src/media/drivers/disk-errors.ts';
import type { StorageDriver } from '../../src/media/storage-driver.ts';

/** The state of the disk. */
export type StorageState = 'well' | 'full' | 'slow';

/** The error of the system. */
const fullDisk = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

/** A storage that is full or slow for a while. A full one accepts nothing new, but still returns and removes what it has. */
export class TroubledStorage {
  state: StorageState = 'well';

  wrap(driver: StorageDriver): StorageDriver {
    return {
      write: async (key, source, options) => {
        await this.#feel();
        await driver.write(key, source, options);
      },
      read: (key, range) => driver.read(key, range),
      stat: (key) => driver.stat(key),
      delete: (key) => driver.delete(key),
      list: (prefix) => driver.list(prefix),
      check: async () => {
        await this.#feel();
        await driver.check();
      },
    };
  }

  async #feel(): Promise<void> {
    if (this.state === 'slow') await pause(400);
    if (this.state === 'full') throw toDiskError(fullDisk, 'the troubled one');
  }
}

/**
 * Makes every database of this process find its disk full while `isFull()`: SQLite may not add a page, and answers as
 * it does when the disk has no room (SQLITE_FULL). Its files stay real, so the method is wrapped and not replaced.
 */
export function limitDatabases(isFull: () => boolean): void {
  const exec = DatabaseSync.prototype.exec;
  DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string): void {
    // SQLite takes a limit below the present size as the present size.
    if (sql === 'BEGIN IMMEDIATE') exec.call(this, `PRAGMA max_page_count = ${isFull() ? 1 : 4_294_967_294}`);
    exec.call(this, sql);
  };
}
