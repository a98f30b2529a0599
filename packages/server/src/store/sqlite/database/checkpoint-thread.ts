/** `restart` copies, too, and lets the log begin again: nobody else of this process writes meanwhile. */
export type CheckpointStep = 'copy' | 'restart';

/**
 * The program of the thread. It is passed on as text, so it uses nothing of its module. To each step it answers whether the whole
 * log was copied.
 *
 * The first commit in a log that begins again flushes its header before anything else. `PRAGMA user_version` makes that commit here,
 * so that no other commit has to wait for it; it changes nothing.
 */
export function runCheckpoints(): void {
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads');
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const waitMs = 100;
  const db = new DatabaseSync(workerData, { timeout: waitMs });
  db.exec('PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -1024');

  const checkpoint = (mode: string): boolean => {
    const { busy, log, checkpointed } = db.prepare(`PRAGMA wal_checkpoint(${mode})`).get() ?? {};
    return busy === 0 && log === checkpointed;
  };
  const restart = (): boolean => {
    // Waits for readers that still read the log; there is nothing left to copy.
    if (!checkpoint('PASSIVE') || !checkpoint('RESTART')) return false;
    const version = db.prepare('PRAGMA user_version').get()?.['user_version'];
    db.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${Number(version)}; COMMIT`);
    return true;
  };
  /** The log grows while it is copied, so a copy is never of everything. */
  const copy = (): boolean => {
    checkpoint('PASSIVE');
    return true;
  };
  const attempt = (work: () => boolean): boolean => {
    try {
      return work();
    } catch {
      if (db.isTransaction) db.exec('ROLLBACK');
      return false;
    }
  };

  parentPort?.on('message', (step: string) => {
    if (step !== 'close') return parentPort.postMessage(attempt(step === 'copy' ? copy : restart));
    db.close();
    parentPort.close();
  });
}
