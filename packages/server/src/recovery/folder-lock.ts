import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface FolderLock {
  /** Lets go; doing it again does nothing. */
  release(): void;
}

/** The file of the folder that carries the lock. */
export const lockName = 'lock';

/**
 * Takes the lock of an existing folder; `undefined` when another holder has it, in this process or any other, or when the
 * folder is gone. It is held until it is released or the process ends, however it ends. Hold on to the object: a lock that
 * is garbage is released.
 *
 * It is SQLite's lock on an empty database: the system takes it away from a killed process at once, which no process
 * number tells (they are used again, and in containers they are all the same), and Node has no other lock on files.
 */
export function lockFolder(folder: string): FolderLock | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(join(folder, lockName), { timeout: 0 });
    // In memory, so that nothing but the lock's own file appears in the folder.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return toLock(database);
  } catch (error) {
    database?.close();
    if (error instanceof Error && 'errcode' in error && (error.errcode === busy || error.errcode === cannotOpen)) {
      return undefined;
    }
    throw error;
  }
}

/** SQLite's own numbers: https://www.sqlite.org/rescode.html */
const busy = 5;
const cannotOpen = 14;

function toLock(database: DatabaseSync): FolderLock {
  return {
    release: () => {
      if (database.isOpen) database.close();
    },
  };
}
