import { JsonDecodeError } from './json-decode-error.ts';
import { unescapeString } from './json-string.ts';
import type { Spooling } from './spooled-string.ts';

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const maxDepth = 512;

/** Words longer than this, or than twice as much, go to a file: a text of that length is more likely a picture. */
const maxWordsBytes = 32 * 1024;

export interface SkeletonOptions {
  readonly spool: (key: string) => Spooling | undefined;
  readonly maxJsonBytes: number;
}

/** Where the skeleton stopped. With `string`, it is inside a string that goes to a file. */
interface Stop {
  readonly at: number;
  readonly string?: {
    readonly encoding: Exclude<Spooling, 'words'>;
    /** The bytes between the opening quote and `at`. */
    readonly begun: Buffer;
  };
}

const none = Buffer.alloc(0);

/**
 * A JSON body without its chosen strings. It knows just enough of the grammar to tell keys from values and strings from
 * structure. `JSON.parse` decides whether the whole is JSON, so a wrong guess in an invalid body does no harm.
 */
export class JsonSkeleton {
  readonly #options: SkeletonOptions;
  #buffer = Buffer.allocUnsafe(4096);
  #length = 0;
  /** The closing brackets that are still expected. */
  readonly #open: number[] = [];
  #isInString = false;
  /** Where the current words begin in the buffer. */
  #wordsStart: number | undefined;
  #isEscaped = false;
  #expectsKey = false;
  #followsColon = false;
  /** The position of the last key in the buffer, between its quotes. */
  #keyStart = 0;
  #keyEnd = 0;
  #isKey = false;

  constructor(options: SkeletonOptions) {
    this.#options = options;
  }

  /** Reads until the chunk ends or a chosen string begins. */
  take(chunk: Buffer, from: number): Stop {
    let at = from;
    while (at < chunk.length) {
      if (this.#isInString) {
        at = this.#takeString(chunk, at);
        const begun = this.#takeLongWords();
        if (begun) return { at, string: { encoding: 'text', begun } };
        continue;
      }
      const byte = chunk[at];
      const spooling = byte === quote && this.#followsColon ? this.#chooseSpooling() : undefined;
      if (spooling && spooling !== 'words') return { at: at + 1, string: { encoding: spooling, begun: none } };
      if (byte === quote) this.#beginString();
      else this.#note(byte);
      at = this.#append(chunk, at, at + 1);
      if (spooling) this.#wordsStart = this.#length;
    }
    return { at };
  }

  /** Inserts our own string in place of one that went to a file. `text` must need no escapes. */
  appendString(text: string): void {
    const bytes = Buffer.from(`"${text}"`);
    this.#append(bytes, 0, bytes.length);
    this.#followsColon = false;
  }

  /** The value. `replace` may put something else in place of a string. */
  parse(replace: (text: string) => unknown): unknown {
    try {
      // Drops a byte order mark before the value.
      const text = new TextDecoder('utf-8', { fatal: true }).decode(this.#filled());
      return JSON.parse(text, (_key, value: unknown) =>
        typeof value === 'string' ? (replace(value) ?? value) : value,
      );
    } catch (cause) {
      throw this.#isUnfinished()
        ? new JsonDecodeError('truncated', 'The body ends before its JSON value does.', { cause })
        : new JsonDecodeError('syntax', 'The body is not JSON.', { cause });
    }
  }

  #isUnfinished(): boolean {
    return this.#isInString || this.#open.length > 0 || this.#filled().every((byte) => byte <= 0x20);
  }

  #takeString(chunk: Buffer, from: number): number {
    const end = this.#wordsStart === undefined ? chunk.length : Math.min(chunk.length, from + maxWordsBytes);
    for (let at = from; at < end; at += 1) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (chunk[at] === backslash) this.#isEscaped = true;
      else if (chunk[at] === quote) {
        this.#append(chunk, from, at);
        this.#endString();
        return this.#append(chunk, at, at + 1);
      }
    }
    return this.#append(chunk, from, end);
  }

  /** Takes out the words so far, once they are too long to stay in memory. */
  #takeLongWords(): Buffer | undefined {
    const start = this.#wordsStart;
    if (start === undefined || !this.#isInString || this.#length - start <= maxWordsBytes) return undefined;
    const begun = Buffer.from(this.#buffer.subarray(start, this.#length));
    this.#length = start - 1;
    this.#isInString = false;
    this.#isEscaped = false;
    this.#wordsStart = undefined;
    return begun;
  }

  #beginString(): void {
    this.#isInString = true;
    this.#isKey = this.#expectsKey;
    this.#expectsKey = false;
    this.#followsColon = false;
    if (this.#isKey) this.#keyStart = this.#length + 1;
  }

  #endString(): void {
    this.#isInString = false;
    this.#wordsStart = undefined;
    if (this.#isKey) this.#keyEnd = this.#length;
  }

  #chooseSpooling(): Spooling | undefined {
    const text = this.#buffer.toString('utf8', this.#keyStart, this.#keyEnd);
    const key = text.includes('\\') ? unescapeString(text) : text;
    return key === undefined ? undefined : this.#options.spool(key);
  }

  /** Follows one byte outside of strings. */
  #note(byte: number | undefined): void {
    switch (byte) {
      case 0x20:
      case 0x09:
      case 0x0a:
      case 0x0d:
        return;
      case openBrace:
        this.#descend(closeBrace);
        break;
      case openBracket:
        this.#descend(closeBracket);
        break;
      case closeBrace:
      case closeBracket:
        this.#open.pop();
        break;
    }
    this.#followsColon = byte === colon;
    this.#expectsKey = byte === openBrace || (byte === comma && this.#open.at(-1) === closeBrace);
  }

  #descend(closing: number): void {
    // JSON.parse with a reviver recurses, so a deeply nested body would overflow the stack.
    if (this.#open.length === maxDepth)
      throw new JsonDecodeError('syntax', `The JSON nests deeper than ${maxDepth} levels.`);
    this.#open.push(closing);
  }

  #append(chunk: Buffer, from: number, to: number): number {
    const length = this.#length + to - from;
    if (length > this.#options.maxJsonBytes) {
      throw new JsonDecodeError('too-large', 'The JSON around the spooled strings is larger than allowed.');
    }
    if (length > this.#buffer.length) this.#grow(length);
    if (to - from === 1) this.#buffer[this.#length] = chunk[from] ?? 0;
    else chunk.copy(this.#buffer, this.#length, from, to);
    this.#length = length;
    return to;
  }

  #grow(length: number): void {
    const larger = Buffer.allocUnsafe(Math.max(length, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }

  #filled(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }
}
