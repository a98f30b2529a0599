import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { JsonDecodeError } from './json-decode-error.ts';
import { unescapeString } from './json-string.ts';
import { SpooledString } from './spooled-string.ts';
import { Base64Slab, type StringSlab, slabBytes, TextSlab } from './string-slab.ts';

const quote = 0x22;
const backslash = 0x5c;

/** Several slabs: a write costs 0.1 to 0.2 ms whatever its size, and this many are the throughput of the decoder. */
const outputBytes = 4 * slabBytes;

export interface SpoolerOptions {
  readonly folder: string;
  readonly name: string;
  readonly encoding: 'base64' | 'text';
  readonly maxFileBytes: number;
}

/**
 * One JSON string on its way into a file, from behind its opening quote to its closing one. Undoes the escapes, decodes
 * slab by slab into a buffer of fixed size, and writes that whenever it is full: one write at a time, and nothing more is
 * read until it is done.
 */
export class StringSpooler {
  readonly #options: SpoolerOptions;
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #slab: StringSlab;
  readonly #output = Buffer.allocUnsafeSlow(outputBytes);
  #outputLength = 0;
  /** An escape that has begun: `\`, `\u`, …, or the first half of a surrogate pair. */
  #escape = '';
  #isClosed = false;
  #bytes = 0;

  static async create(options: SpoolerOptions): Promise<StringSpooler> {
    const path = join(options.folder, options.name);
    return new StringSpooler(options, path, await open(path, 'wx'));
  }

  private constructor(options: SpoolerOptions, path: string, handle: FileHandle) {
    this.#options = options;
    this.#path = path;
    this.#handle = handle;
    this.#slab = options.encoding === 'base64' ? new Base64Slab() : new TextSlab();
  }

  /** Has the closing quote been met? */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Takes bytes up to the closing quote or the chunk's end, and gives the place behind them. */
  async take(chunk: Buffer, from: number): Promise<number> {
    let at = from;
    let end = findOr(chunk.length, chunk.indexOf(quote, at));
    while (at < chunk.length) {
      if (this.#escape !== '') {
        await this.#takeEscape(chunk[at] ?? 0);
        at += 1;
        continue;
      }
      if (at > end) end = findOr(chunk.length, chunk.indexOf(quote, at));
      const run = chunk.subarray(at, end);
      const length = findOr(run.length, run.indexOf(backslash));
      await this.#append(this.#slab.check(run.subarray(0, length)));
      at += length;
      if (at === chunk.length) break;
      if (at === end) {
        this.#isClosed = true;
        return at + 1;
      }
      this.#escape = '\\';
      at += 1;
    }
    return at;
  }

  async end(): Promise<SpooledString> {
    await this.#drain(true);
    await this.#write();
    await this.#handle.close();
    return new SpooledString({ path: this.#path, bytes: this.#bytes }, this.#options.encoding);
  }

  async discard(): Promise<void> {
    await this.#handle.close();
    await rm(this.#path, { force: true });
  }

  async #takeEscape(byte: number): Promise<void> {
    this.#escape += String.fromCharCode(byte);
    if (!isWholeEscape(this.#escape)) return;
    const characters = unescapeString(this.#escape);
    if (!characters?.isWellFormed()) throw new JsonDecodeError('syntax', 'A string holds an invalid escape.');
    this.#escape = '';
    await this.#append(Buffer.from(characters));
  }

  async #append(run: Buffer): Promise<void> {
    for (let at = 0; at < run.length; ) {
      at += this.#slab.fill(run, at);
      if (this.#slab.isFull) await this.#drain(false);
    }
  }

  async #drain(isLast: boolean): Promise<void> {
    if (outputBytes - this.#outputLength < slabBytes) await this.#write();
    this.#outputLength += this.#slab.drain(this.#output, this.#outputLength, isLast);
    if (this.#bytes + this.#outputLength > this.#options.maxFileBytes) {
      throw new JsonDecodeError('too-large', 'A string is larger than its file may be.');
    }
  }

  async #write(): Promise<void> {
    for (let at = 0; at < this.#outputLength; ) {
      at += (await this.#handle.write(this.#output, at, this.#outputLength - at)).bytesWritten;
    }
    this.#bytes += this.#outputLength;
    this.#outputLength = 0;
  }
}

function findOr(otherwise: number, index: number): number {
  return index === -1 ? otherwise : index;
}

/** Two characters, six for `\uXXXX`, and twelve when those six are the first half of a surrogate pair. */
function isWholeEscape(sequence: string): boolean {
  if (sequence[1] !== 'u') return sequence.length === 2;
  if (!/^\\u[dD][89abAB]/.test(sequence)) return sequence.length === 6;
  return sequence.length === 12 || !'\\u'.startsWith(sequence.slice(6, 8));
}
