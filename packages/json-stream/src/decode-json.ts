import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { JsonDecodeError } from './json-decode-error.ts';
import { JsonSkeleton } from './json-skeleton.ts';
import { type BrokenString, SpooledString, type Spooling } from './spooled-string.ts';
import { StringSpooler } from './string-spooler.ts';

export interface DecodeOptions {
  /** An existing folder for the files. */
  readonly folder: string;
  /** Decides which strings become files. Called with the object key of every string value. */
  readonly spool: (key: string) => Spooling | undefined;
  /** The limit of the whole body. */
  readonly maxBytes: number;
  /** The limit of each file, after decoding. */
  readonly maxFileBytes: number;
  /** The limit of everything that stays in memory. */
  readonly maxJsonBytes: number;
}

/** The limit of one body. Making a file takes a third of a millisecond, so a body full of files would take minutes. */
const maxFiles = 4096;

/**
 * Decodes a JSON stream and puts long strings into files. Reads a body to its end and resolves to its value. Every chosen
 * string becomes what its `Spooling` says. Everything else is as `JSON.parse` returns it, except that a leading byte order
 * mark is dropped, and that bytes which are not UTF-8 and values nested deeper than 512 levels are refused.
 *
 * Rejects with `JsonDecodeError`, or with the unchanged error of `source`. Then it leaves no file behind.
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

/** Passes the bytes to the current part of the decoder: the skeleton, or the string that goes to a file. */
class JsonDecoder {
  readonly #options: DecodeOptions;
  /** Names the files and marks their places in the skeleton. It is random for each body, so that no body can contain it. */
  readonly #token = randomUUID();
  readonly #skeleton: JsonSkeleton;
  readonly #strings: (SpooledString | BrokenString)[] = [];
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
    const kept = new Set<SpooledString | BrokenString>();
    const value = this.#skeleton.parse((text) => {
      if (!text.startsWith(this.#token)) return undefined;
      const string = this.#strings[Number(text.slice(this.#token.length + 1))];
      if (string) kept.add(string);
      return string;
    });
    await removeFiles(this.#strings.filter((string) => !kept.has(string)));
    return value;
  }

  async discard(): Promise<void> {
    await this.#open?.discard();
    await removeFiles(this.#strings);
  }

  async #scan(chunk: Buffer, from: number): Promise<number> {
    const { at, string } = this.#skeleton.take(chunk, from);
    if (string) {
      if (this.#strings.length === maxFiles)
        throw new JsonDecodeError('too-large', `The body holds more than ${maxFiles} strings that become files.`);
      const name = `${this.#token}-${this.#strings.length}`;
      this.#skeleton.appendString(name);
      this.#open = await StringSpooler.create({ ...this.#options, name, encoding: string.encoding });
      await this.#open.take(string.begun, 0);
    }
    return at;
  }

  async #spool(spooler: StringSpooler, chunk: Buffer, from: number): Promise<number> {
    const at = await spooler.take(chunk, from);
    if (spooler.isClosed) {
      this.#strings.push(await spooler.end());
      this.#open = undefined;
    }
    return at;
  }
}

async function removeFiles(strings: readonly (SpooledString | BrokenString)[]): Promise<void> {
  for (const string of strings) if (string instanceof SpooledString) await rm(string.file.path, { force: true });
}
