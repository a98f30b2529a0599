import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { JsonDecodeError } from './json-decode-error.ts';
import { unescapeString } from './json-string.ts';
import { PictureSlab } from './picture-slab.ts';
import { BrokenString, SpooledString } from './spooled-string.ts';
import { Base64Slab, type StringSlab, slabBytes, TextSlab } from './string-slab.ts';

const quote = 0x22;
const backslash = 0x5c;
const none = Buffer.alloc(0);

/** Several slabs: a write costs 0.1 to 0.2 ms whatever its size, and writes of this size set the decoder's throughput. */
const outputBytes = 4 * slabBytes;

export interface SpoolerOptions {
  readonly folder: string;
  readonly name: string;
  readonly encoding: SpooledString['encoding'] | 'picture';
  readonly maxFileBytes: number;
}

/**
 * Writes one JSON string to a file, from after its opening quote to its closing quote. It decodes the escapes, decodes the
 * rest slab by slab into a buffer of fixed size, and writes the buffer when it is full. There is one write at a time, and
 * nothing more is read until it is done.
 */
export class StringSpooler {
  readonly #options: SpoolerOptions;
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #slab: StringSlab;
  readonly #output = Buffer.allocUnsafeSlow(outputBytes);
  #outputLength = 0;
  /** An escape that has begun: `\`, `\u`, … */
  #escape = '';
  /** An escaped first half of a surrogate pair, whose second half may follow. */
  #firstHalf = '';
  #isClosed = false;
  #isBroken = false;
  #bytes = 0;

  static async create(options: SpoolerOptions): Promise<StringSpooler> {
    const path = join(options.folder, options.name);
    return new StringSpooler(options, path, await open(path, 'wx'));
  }

  private constructor(options: SpoolerOptions, path: string, handle: FileHandle) {
    this.#options = options;
    this.#path = path;
    this.#handle = handle;
    this.#slab = createSlab(options.encoding);
  }

  /** Whether the closing quote has been read. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Takes bytes up to the closing quote or the end of the chunk. Returns the position after them. */
  async take(chunk: Buffer, from: number): Promise<number> {
    let at = from;
    let end = findOr(chunk.length, chunk.indexOf(quote, at));
    while (at < chunk.length) {
      if (this.#escape !== '') {
        const run = this.#takeEscape(chunk[at] ?? 0);
        const waiting = run && this.#append(run);
        if (waiting) await waiting;
        at += 1;
        continue;
      }
      if (at > end) end = findOr(chunk.length, chunk.indexOf(quote, at));
      const run = chunk.subarray(at, end);
      const length = findOr(run.length, run.indexOf(backslash));
      if (length > 0) {
        const waiting = this.#takePlain(run.subarray(0, length));
        if (waiting) await waiting;
      }
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

  async end(): Promise<SpooledString | BrokenString> {
    await this.#append(this.#takeFirstHalf());
    await this.#drain(true);
    if (this.#isBroken) {
      await this.discard();
      return new BrokenString();
    }
    await this.#write();
    await this.#handle.close();
    const { encoding } = this.#options;
    const file = { path: this.#path, bytes: this.#bytes };
    return this.#slab instanceof PictureSlab
      ? new SpooledString(file, 'base64', this.#slab.mimeType)
      : new SpooledString(file, encoding === 'picture' ? 'base64' : encoding);
  }

  async discard(): Promise<void> {
    await this.#handle.close();
    await rm(this.#path, { force: true });
  }

  #takePlain(run: Buffer): Promise<void> | undefined {
    this.#slab.check(run);
    return this.#append(this.#firstHalf === '' ? run : Buffer.concat([this.#takeFirstHalf(), run]));
  }

  /** The characters of a complete escape; `undefined` while it is incomplete. */
  #takeEscape(byte: number): Buffer | undefined {
    this.#escape += String.fromCharCode(byte);
    const spelled = this.#escape;
    if (spelled.length < (spelled[1] === 'u' ? 6 : 2)) return undefined;
    const characters = simpleEscapes.get(spelled) ?? unescapeString(spelled);
    if (characters === undefined) throw new JsonDecodeError('syntax', 'A string holds an invalid escape.');
    this.#escape = '';
    return this.#options.encoding === 'spelled' ? Buffer.from(spelled, 'latin1') : this.#pair(characters);
  }

  /** Joins the halves of a surrogate pair, which are escaped separately. */
  #pair(characters: string): Buffer {
    const before = this.#firstHalf;
    this.#firstHalf = /^[\ud800-\udbff]$/.test(characters) ? characters : '';
    return Buffer.from(this.#firstHalf === '' ? before + characters : before);
  }

  /** A half without its other half becomes U+FFFD, its replacement in UTF-8. */
  #takeFirstHalf(): Buffer {
    const half = this.#firstHalf;
    this.#firstHalf = '';
    return Buffer.from(half);
  }

  /** Most runs only fill the slab and need no await. This matters for base64 in lines, where every line is a run. */
  #append(run: Buffer): Promise<void> | undefined {
    const clean = this.#clean(run);
    const taken = this.#slab.fill(clean, 0);
    return this.#slab.isFull ? this.#appendRest(clean, taken) : undefined;
  }

  async #appendRest(run: Buffer, from: number): Promise<void> {
    for (let at = from; this.#slab.isFull && !this.#isBroken; at += this.#slab.fill(run, at)) await this.#drain(false);
  }

  #clean(run: Buffer): Buffer {
    if (this.#isBroken) return none;
    try {
      return this.#slab.clean(run);
    } catch (error) {
      this.#breakBy(error);
      return none;
    }
  }

  /** A string that turns out not to be a picture is read to its end and not kept. Other errors are thrown. */
  #breakBy(error: unknown): void {
    const isNoPicture = error instanceof JsonDecodeError && error.kind === 'bad-base64';
    if (this.#options.encoding !== 'picture' || !isNoPicture) throw error;
    this.#isBroken = true;
  }

  async #drain(isLast: boolean): Promise<void> {
    if (this.#isBroken) return;
    if (outputBytes - this.#outputLength < slabBytes) await this.#write();
    try {
      this.#outputLength += this.#slab.drain(this.#output, this.#outputLength, isLast);
    } catch (error) {
      this.#breakBy(error);
    }
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

/** The frequent escapes in base64 in JSON: one every 76 or 64 characters. */
const simpleEscapes: ReadonlyMap<string, string> = new Map([
  ['\\n', '\n'],
  ['\\r', '\r'],
  ['\\/', '/'],
]);

function createSlab(encoding: SpoolerOptions['encoding']): StringSlab {
  if (encoding === 'picture') return new PictureSlab();
  return encoding === 'base64' ? new Base64Slab() : new TextSlab();
}

function findOr(otherwise: number, index: number): number {
  return index === -1 ? otherwise : index;
}
