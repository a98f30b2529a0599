import { appendFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { createSecret } from '../platform/ids.ts';

/** What is known of one line of a batch. */
export interface LineState {
  readonly isDone: boolean;
  /** Why it has ended for good without a picture: another try would end, and perhaps cost, the same. */
  readonly refusal?: string;
  /** How often it has ended without a picture. */
  readonly failures: number;
  /** The request under way, if there is one. */
  readonly requestId?: string;
  /** The addresses of its references, if they were files: uploading them again would make another request of it. */
  readonly image?: readonly string[];
}

/** One line of the file: the batch itself, or something that became known of one of its lines. */
type Entry =
  | { readonly batch: string }
  | { readonly key: string; readonly image: readonly string[] }
  | { readonly key: string; readonly request: string }
  | {
      readonly key: string;
      readonly end: string;
      readonly files?: readonly string[];
      /** Of a line that would end so again. */
      readonly refusal?: string;
    };

const unknown: LineState = { isDone: false, failures: 0 };

/**
 * What a batch has done so far, in a file of its output folder that only grows: JSON lines, written before the next step is
 * made. So a batch that was killed goes on where it was.
 */
export class BatchState {
  readonly #file: string;
  readonly #lines = new Map<string, LineState>();
  #id = '';

  private constructor(file: string) {
    this.#file = file;
  }

  static async open(folder: string): Promise<BatchState> {
    await mkdir(folder, { recursive: true });
    const state = new BatchState(path.join(folder, 'batch.jsonl'));
    const text = await readFile(state.#file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    for (const line of text.split('\n')) state.#read(line);
    // What a kill has torn in its middle must not swallow what is written next.
    if (text !== '' && !text.endsWith('\n')) await appendFile(state.#file, '\n');
    if (state.#id === '') await state.note({ batch: createSecret(96) });
    return state;
  }

  of(key: string): LineState {
    return this.#lines.get(key) ?? unknown;
  }

  /** The same for every submit of a line until that has ended. */
  idempotencyKey(key: string): string {
    return `${this.#id}-${key}-${this.of(key).failures}`;
  }

  async note(entry: Entry): Promise<void> {
    await appendFile(this.#file, `${JSON.stringify(entry)}\n`);
    this.#apply(entry);
  }

  #read(line: string): void {
    try {
      this.#apply(JSON.parse(line) as Entry); // what `note` has written
    } catch {
      // Empty, or torn: what it would have said is found out again.
    }
  }

  #apply(entry: Entry): void {
    if ('batch' in entry) {
      this.#id = entry.batch;
      return;
    }
    const before = this.of(entry.key);
    this.#lines.set(entry.key, applyTo(before, entry));
  }
}

function applyTo(before: LineState, entry: Exclude<Entry, { readonly batch: string }>): LineState {
  if ('image' in entry) return { ...before, image: entry.image };
  if ('request' in entry) return { ...before, requestId: entry.request };
  if (entry.end === 'success') return { ...before, isDone: true };
  // The next time it is a new request.
  const { refusal } = entry;
  return { isDone: false, failures: before.failures + 1, ...(refusal !== undefined && { refusal }) };
}
