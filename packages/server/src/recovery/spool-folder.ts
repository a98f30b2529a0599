import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { CallEnd, KeptAnswer, Lease } from '../core/image-request.ts';
import type { Logger } from '../platform/logger.ts';
import { type ClearOptions, clearFolder } from './clear-folder.ts';
import { type AnsweredCall, type AnsweredEntry, type EndedEntry, Journal, type Owner, toCallName } from './journal.ts';
import { keepAnswer, type Storing, toKeys, toPortable } from './keep-answer.ts';

export interface SpoolFolderOptions extends ClearOptions {
  readonly logger: Logger;
}

/**
 * The folder in which one attempt or one submit works, and its journal; it lies in the folder of the process. Nobody else
 * touches it until it is removed or the process is gone.
 */
export class SpoolFolder {
  readonly path: string;
  readonly #options: SpoolFolderOptions;
  readonly #journal: Journal;
  /** Every key that may have an object in the storage. */
  readonly #announced: string[] = [];

  constructor(path: string, options: SpoolFolderOptions) {
    this.path = path;
    this.#options = options;
    this.#journal = new Journal(path);
  }

  async create(): Promise<void> {
    await mkdir(this.path, { recursive: true });
  }

  /** Notes that objects with these keys are about to be written. Nothing may be written before it resolves, or when it rejects. */
  async announce(keys: readonly string[], owner: Owner): Promise<void> {
    this.#announced.push(...keys);
    await this.#journal.append({ kind: 'storing', keys, owner });
  }

  /**
   * Stores a call's answer whole or, when it rejects, not at all. From here to `noteEnd` a process that is killed loses nothing
   * of it. Rejects as `MediaStore.keep` does.
   */
  async keepAnswer({ lease, end, answer }: AnsweredCall, storing: Storing): Promise<KeptAnswer> {
    const noted = this.#note({ kind: 'answered', lease, end, answer: toPortable(answer, this.path) });
    const owner = toCallName({ lease, end });
    const announce = async (keys: readonly string[]) => {
      await noted;
      await this.announce(keys, owner);
    };
    try {
      return await keepAnswer(answer, { media: this.#options.media, announce, storing });
    } finally {
      await noted;
    }
  }

  /** Notes how a call ended whose answer was kept, or could not be kept, before that is told to anybody. Never rejects. */
  async noteEnd(lease: Lease, end: CallEnd): Promise<void> {
    await this.#note({ kind: 'ended', lease, end });
  }

  /** When the disk refuses the entry, the work goes on: it is read only when the process is killed in the next moments. */
  async #note(entry: AnsweredEntry | EndedEntry): Promise<void> {
    const { requestId, attempt, imageIndex } = toCallName(entry);
    await this.#journal.append(entry).catch((error: unknown) => {
      const about = { request_id: requestId, attempt, image: imageIndex };
      this.#options.logger.warn({ event: 'call.unnoted', ...about, err: error });
    });
  }

  /**
   * Removes the folder of an attempt when the store has written these ends, and no other call of the attempt was sent. What
   * was stored and no answer names is removed from the storage. Asks nobody and reads no journal. Never rejects.
   */
  removeRecorded(ends: readonly CallEnd[]): Promise<void> {
    return this.removeNaming(ends.flatMap(({ answer }) => (answer ? toKeys(answer) : [])));
  }

  /** Removes the folder when rows name the objects with these keys, and will never name others. Never rejects. */
  removeNaming(keys: readonly string[]): Promise<void> {
    const named = new Set(keys);
    return this.#orSetAside(async () => {
      await this.#options.media.discard(this.#announced.filter((key) => !named.has(key)));
      await rm(this.path, { recursive: true, force: true });
    });
  }

  /** Removes the folder when it is not known what the store has of its journal: `clearFolder`. Never rejects. */
  clear(): Promise<void> {
    return this.#orSetAside(() => clearFolder(this.path, this.#options));
  }

  /** While store or storage are in trouble, the folder is set aside; the sweeper tries again. */
  async #orSetAside(remove: () => Promise<void>): Promise<void> {
    const { logger } = this.#options;
    const report = (error: unknown) => logger.error({ event: 'spool.uncleared', folder: this.path, err: error });
    try {
      await remove();
    } catch (error) {
      report(error);
      const aside = join(dirname(this.path), `${setAsidePrefix}${basename(this.path)}`);
      await rename(this.path, aside).catch(report);
    }
  }
}

/** Is this the name of a folder that was set aside? */
export function isSetAside(name: string): boolean {
  return name.startsWith(setAsidePrefix);
}

const setAsidePrefix = '~';
