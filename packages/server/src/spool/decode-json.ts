import { rm } from 'node:fs/promises';
import { createSecret } from '../platform/ids.ts';
import { JsonDecodeError } from './json-decode-error.ts';
import { JsonSkeleton } from './json-skeleton.ts';
import type { SpooledString } from './spooled-string.ts';
import { StringSpooler } from './string-spooler.ts';

export { JsonDecodeError } from './json-decode-error.ts';

export interface DecodeOptions {
  /** An existing folder, in which the files are made. */
  readonly folder: string;
  /** Which strings become files: asked with the object key of every string value. */
  readonly spool: (key: string) => 'base64' | 'text' | undefined;
  /** Of the whole body. */
  readonly maxBytes: number;
  /** Of each file, decoded. */
  readonly maxFileBytes: number;
  /** Of everything that stays in memory. */
  readonly maxJsonBytes: number;
}

/**
 * Streaming JSON whose long strings are files: reads a body to its end and gives its value, in which every chosen string
 * is a `SpooledString`. All else is what `JSON.parse` gives, except that bytes which are not UTF-8 and values nested
 * deeper than 512 levels are refused. A chosen string must be well-formed: a `text` file is UTF-8, which cannot hold half
 * a surrogate pair.
 *
 * Rejects with `JsonDecodeError`, or with the error of `source` as it is, and then leaves no file behind.
 */
export async function decodeJson(source: AsyncIterable<Uint8Array>, options: DecodeOptions): Promise<unknown> {
  const decoder = new JsonDecoder(options);
  try {
    for await (const chunk of source) await decoder.take(chunk);
    return await decoder.end();
  } catch (error) {
    await decoder.discard();
    throw error;
  }
}

/** Hands the bytes to the part of the decoder whose turn it is: the skeleton, or the string that goes to a file. */
class JsonDecoder {
  readonly #options: DecodeOptions;
  /** Names the files and marks their places in the skeleton; made anew for each body, so that no body can hold it. */
  readonly #token = createSecret();
  readonly #skeleton: JsonSkeleton;
  readonly #files: SpooledString[] = [];
  #open: StringSpooler | undefined;
  #bytes = 0;

  constructor(options: DecodeOptions) {
    this.#options = options;
    this.#skeleton = new JsonSkeleton(options);
  }

  async take(bytes: Uint8Array): Promise<void> {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#bytes += chunk.length;
    if (this.#bytes > this.#options.maxBytes)
      throw new JsonDecodeError('too-large', 'The body is larger than allowed.');
    let at = 0;
    while (at < chunk.length) at = this.#open ? await this.#spool(this.#open, chunk, at) : await this.#scan(chunk, at);
  }

  async end(): Promise<unknown> {
    if (this.#open) throw new JsonDecodeError('truncated', 'The body ends inside a string.');
    const kept = new Set<SpooledString>();
    const value = this.#skeleton.parse((text) => {
      if (!text.startsWith(this.#token)) return undefined;
      const spooled = this.#files[Number(text.slice(this.#token.length + 1))];
      if (spooled) kept.add(spooled);
      return spooled;
    });
    await removeFiles(this.#files.filter((spooled) => !kept.has(spooled)));
    return value;
  }

  async discard(): Promise<void> {
    await this.#open?.discard();
    await removeFiles(this.#files);
  }

  async #scan(chunk: Buffer, from: number): Promise<number> {
    const { at, encoding } = this.#skeleton.take(chunk, from);
    if (encoding) {
      const name = `${this.#token}-${this.#files.length}`;
      this.#skeleton.appendString(name);
      this.#open = await StringSpooler.create({ ...this.#options, name, encoding });
    }
    return at;
  }

  async #spool(spooler: StringSpooler, chunk: Buffer, from: number): Promise<number> {
    const at = await spooler.take(chunk, from);
    if (spooler.isClosed) {
      this.#files.push(await spooler.end());
      this.#open = undefined;
    }
    return at;
  }
}

async function removeFiles(files: readonly SpooledString[]): Promise<void> {
  for (const spooled of files) await rm(spooled.file.path, { force: true });
}
