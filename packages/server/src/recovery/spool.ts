import path from 'node:path';
import { createRepeat } from '../platform/repeat.ts';
import type { Service } from '../platform/service.ts';
import { createProcessFolder } from './process-folder.ts';
import { type SpoolOptions, SpoolSweeper } from './spool-sweeper.ts';

/**
 * The room of recovery: what makes a kill harmless. It promises that an answer that has come whole is stored and recorded, and
 * that the storage keeps no object that no row names, whatever process is killed and whenever.
 *
 * Every process has a folder in the spool, locked while it runs (`Spool`). Every attempt, and every submit with pictures in
 * its payload, has a folder in that one, with its files and a journal (`SpoolFolder`). For an answer the order of events is:
 *
 * 1. `answered` in the journal: how the call ended, and the files of its answer.
 * 2. `storing` in the journal, flushed: the keys that are about to be written, and which call they will belong to.
 * 3. The objects in the storage, the picture last.
 * 4. `ended` in the journal: how the call ended, with the keys of all that was stored.
 * 5. The end of the call in the store (`endCalls` or `settle`).
 * 6. The folder is removed.
 *
 * Steps 2 and 3 do not wait until the picture is decoded: what is known before is written meanwhile, and removed again when the
 * picture turns out to be broken. The encoded picture follows.
 *
 * A submit does the same with steps 2, 3, 5 (its row) and 6. Another process that finds the folder of one that was killed does
 * what is missing (`clearFolder`): after step 1 it stores and records the answer, after step 4 it records it, and it removes the
 * objects that no row names. Only a call that is killed before step 1 is lost; the attempt log says that it may have been
 * billed. A process that goes on knows what it has written and asks nobody, unless a write failed or was refused.
 */
export interface Spool extends Service {
  /** The folder of this process alone. Every attempt and every submit has a folder in it. */
  readonly folder: string;
}

const everyMs = 60_000;

/** The folder of all spools in a data folder. */
export function toSpoolRoot(dataDir: string): string {
  return path.join(dataDir, 'spool');
}

/**
 * Makes the folder of this process inside `root`, and clears the folders of processes that are gone before it resolves: an
 * answer that was stored and not recorded is recorded before anybody pays for another one. While it runs, it clears what
 * processes that are killed later leave. `stop` clears its own folder; call it after everything that uses the folder has
 * stopped, and before the store is closed.
 */
export async function prepareSpool(root: string, options: SpoolOptions): Promise<Spool> {
  const { clock, logger } = options;
  const { folder, lock } = await createProcessFolder(root);
  const sweeper = new SpoolSweeper(root, folder, options);
  await sweeper.sweep();
  const repeat = createRepeat({ event: 'spool.unswept', everyMs, work: () => sweeper.sweep(), clock, logger });
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
