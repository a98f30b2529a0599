import { appendFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { createSecret } from '../platform/ids.ts';

/** What is known about one line of a batch. */
export interface LineState {
  readonly isDone: boolean;
  /** Why it ended for good without a picture. Another attempt would end the same way, and might cost the same. */
  readonly refusal?: string;
  /** How often it ended without a picture. */
  readonly failures: number;
  /** The request under way, if there is one. */
  readonly requestId?: string;
  /** The addresses of its references, if they were files. Uploading them again would make it a different request. */
  readonly image?: readonly string[];
  /** The same of its mask. */
  readonly mask?: string;
}

/** The addresses of the pictures of a line that were files. */
export type Uploaded = Pick<LineState, 'image' | 'mask'>;

/** One line of the file: the batch itself, or something that was learned about one of its lines. */
type Entry =
  | { readonly batch: string }
  | ({ readonly key: string } & Uploaded)
  | { readonly key: string; readonly request: string }
  | {
      readonly key: string;
      readonly end: string;
      readonly files?: readonly string[];
      /** Set when the line would end the same way again. */
      readonly refusal?: string;
    };

const unknown: LineState = { isDone: false, failures: 0 };

/**
 * What a batch has done so far, kept in an append-only file in its output folder. Each JSON line is written before the next
 * step begins, so a batch that was killed continues where it stopped.
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
    // A line that a kill cut off must not swallow the next one.
    if (text !== '' && !text.endsWith('\n')) await appendFile(state.#file, '\n');
    if (state.#id === '') await state.note({ batch: createSecret(96) });
    return state;
  }

  of(key: string): LineState {
    return this.#lines.get(key) ?? unknown;
  }

  /** The same for every submit of a line until its request has ended. */
  idempotencyKey(key: string): string {
    return `${this.#id}-${key}-${this.of(key).failures}`;
  }

  async note(entry: Entry): Promise<void> {
    await appendFile(this.#file, `${JSON.stringify(entry)}\n`);
    this.#apply(entry);
  }

  #read(line: string): void {
    try {
      this.#apply(JSON.parse(line) as Entry); // written by `note`
    } catch {
      // Empty or cut off: the batch finds out again what the line said.
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
  if ('request' in entry) return { ...before, requestId: entry.request };
  if (!('end' in entry)) return { ...before, ...toUploaded(entry) };
  if (entry.end === 'success') return { ...before, isDone: true };
  // The next run makes a new request.
  const { refusal } = entry;
  return { isDone: false, failures: before.failures + 1, ...(refusal !== undefined && { refusal }) };
}

function toUploaded({ image, mask }: Uploaded): Uploaded {
  return { ...(image && { image }), ...(mask !== undefined && { mask }) };
}
