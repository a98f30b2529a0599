import { Worker } from 'node:worker_threads';
import { systemClock } from '../../../platform/clock.ts';
import { type CheckpointStep, runCheckpoints } from './checkpoint-thread.ts';
import type { WalFile } from './wal-file.ts';

/**
 * A log that is longer than this is copied into the database: after some 200 commits of single writes, or 1,500 submits under load.
 * SQLite's own 4 MB would interrupt the writes four times as often.
 */
const maxLogBytes = 16 << 20;

/** How long the thread waits for its next work before it ends. */
const idleMs = 30_000;

/** As many commits follow one that did not succeed before the next: another process reads or writes, or the disk fails. */
const restCommits = 200;

export interface CheckpointOptions {
  readonly database: string;
  readonly log: Pick<WalFile, 'isLongerThan' | 'isSound'>;
}

/**
 * Keeps the log short. A checkpoint copies the log into the database with two flushes, so a thread does it, with a connection that
 * belongs to it. First it copies while writes go on. Then writes wait until it has copied the few that came meanwhile, and has begun
 * the log again, which takes two more flushes. The thread runs only while there is something to do.
 */
export class Checkpoints {
  readonly #options: CheckpointOptions;
  #thread: Thread | undefined;
  #running: Promise<void> | undefined;
  #isCopied = false;
  #rest = 0;

  constructor(options: CheckpointOptions) {
    this.#options = options;
  }

  /** Between two commits. Writes wait for what it returns. */
  afterCommit(): Promise<void> | undefined {
    if (this.#running) return undefined;
    if (this.#isCopied) return this.#run('restart');
    this.#rest -= 1;
    if (this.#rest <= 0 && this.#isDue(this.#options.log)) void this.#run('copy');
    return undefined;
  }

  /** What could not be flushed must not be copied either. */
  #isDue(log: CheckpointOptions['log']): boolean {
    return log.isSound && log.isLongerThan(maxLogBytes);
  }

  async close(): Promise<void> {
    await this.#running;
    await this.#thread?.close();
  }

  /** Never rejects: the commits tell their callers what is wrong with the disk, and the log is only longer for a while. */
  #run(step: CheckpointStep): Promise<void> {
    this.#running = this.#ask(step).then((isDone) => {
      this.#isCopied = step === 'copy' && isDone;
      if (!isDone) this.#rest = restCommits;
      this.#running = undefined;
    });
    return this.#running;
  }

  #ask(step: CheckpointStep): Promise<boolean> {
    this.#thread ??= new Thread(this.#options.database, () => {
      this.#thread = undefined;
    });
    return this.#thread.ask(step);
  }
}

/** The thread, which answers one question at a time. */
class Thread {
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  #answer: (isDone: boolean) => void = () => undefined;
  #idle = new AbortController();

  constructor(database: string, onEnd: () => void) {
    // As text, since the published package has no file of this module apart.
    this.#worker = new Worker(`(${runCheckpoints})()`, {
      eval: true,
      workerData: database,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ended = promise;
    this.#worker.on('message', (isDone: boolean) => {
      this.#worker.unref();
      void this.#endWhenIdle();
      this.#answer(isDone);
    });
    this.#worker.on('error', () => undefined); // its end follows
    this.#worker.on('exit', () => {
      this.#idle.abort();
      onEnd();
      this.#answer(false);
      resolve();
    });
  }

  ask(step: CheckpointStep): Promise<boolean> {
    this.#idle.abort();
    this.#worker.ref();
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#answer = resolve;
    this.#worker.postMessage(step);
    return promise;
  }

  async #endWhenIdle(): Promise<void> {
    this.#idle = new AbortController();
    const { signal } = this.#idle;
    await systemClock.sleep(idleMs, signal);
    if (!signal.aborted) await this.close();
  }

  close(): Promise<void> {
    this.#idle.abort();
    this.#worker.ref();
    this.#worker.postMessage('close');
    return this.#ended;
  }
}
