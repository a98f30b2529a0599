import { open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CallEnd, KeptAnswer, Lease } from '../core/image-request.ts';
import type { AskedPicture } from '../media/picture-objects.ts';
import { flush } from '../platform/flush.ts';
import type { AnswerPart } from '../providers/image-model.ts';

/**
 * What a process is about to do, written before it does it. The journal is a file in the folder of the attempt or submit: a
 * process that finds the folder of one that was killed can tell which objects no row will ever name, and can finish what is
 * paid for and was not recorded. Processes of older versions leave these entries too: their form changes only by additions.
 */
export type JournalEntry = AnsweredEntry | StoringEntry | EndedEntry;

/** A call whose answer has come whole and is about to be stored. */
export interface AnsweredCall {
  readonly lease: Lease;
  /** The end of the call as it will be when the answer is stored, without the answer. */
  readonly end: CallEnd;
  /** The files of the answer, and what else is needed to keep it. */
  readonly answer: Omit<KeptAnswer, 'parts'> & {
    readonly parts: readonly AnswerPart[];
    readonly asked: AskedPicture;
  };
}

/** The paths of its files are relative to the folder: a process that reads the journal may know the folder by another name. */
export interface AnsweredEntry extends AnsweredCall {
  readonly kind: 'answered';
}

/** Objects are about to be written. They are orphans unless the store knows their owner. */
export interface StoringEntry {
  readonly kind: 'storing';
  readonly keys: readonly string[];
  readonly owner: Owner;
}

/** All of the answer is stored, or nothing of it; the end is about to be recorded. */
export interface EndedEntry {
  readonly kind: 'ended';
  readonly lease: Lease;
  readonly end: CallEnd;
}

/** What will name the objects: the answer of a call, or a request itself. */
export type Owner = CallName | { readonly requestId: string };

export interface CallName {
  readonly requestId: string;
  readonly attempt: number;
  readonly imageIndex: number;
}

export function toCallName({ lease, end }: Pick<EndedEntry, 'lease' | 'end'>): CallName {
  return { requestId: lease.requestId, attempt: lease.attempt, imageIndex: end.imageIndex };
}

/** Where entries are added. One object writes the journal of a folder. */
export class Journal {
  readonly #folder: string;
  /** Are the journal's name and that of its folder on the disk? */
  #isAnchored = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Adds an entry, which outlives the process. An entry that announces objects is flushed to the disk before this resolves, as the
   * objects will be.
   */
  async append(entry: JournalEntry): Promise<void> {
    const handle = await open(toPath(this.#folder), 'a', 0o600);
    try {
      // A line break on both sides: a line that a full disk cut off must not spoil the next one.
      await handle.appendFile(`\n${JSON.stringify(entry)}\n`);
      if (entry.kind === 'storing') await Promise.all([handle.sync(), this.#anchor()]);
    } finally {
      await handle.close();
    }
  }

  async #anchor(): Promise<void> {
    if (this.#isAnchored) return;
    await Promise.all([this.#folder, dirname(this.#folder)].map(flush));
    this.#isAnchored = true;
  }
}

/** Every entry of the folder's journal in order; none when there is no journal. */
export async function readJournal(folder: string): Promise<readonly JournalEntry[]> {
  const text = await readFile(toPath(folder), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return '';
    throw error;
  });
  return text.split('\n').flatMap(parseLine);
}

function toPath(folder: string): string {
  return join(folder, 'journal');
}

/** A line that was cut off counts for nothing: nothing was stored on the strength of it. */
function parseLine(line: string): readonly JournalEntry[] {
  if (line === '') return [];
  try {
    return [JSON.parse(line) as JournalEntry]; // only `appendToJournal` writes these files
  } catch {
    return [];
  }
}
