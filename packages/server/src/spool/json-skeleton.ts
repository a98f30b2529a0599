import { JsonDecodeError } from './json-decode-error.ts';
import { unescapeString } from './json-string.ts';

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const maxDepth = 512;

export interface SkeletonOptions {
  readonly spool: (key: string) => 'base64' | 'text' | undefined;
  readonly maxJsonBytes: number;
}

/** Where the skeleton stopped; with `encoding` it is just behind the opening quote of a string that goes to a file. */
interface Stop {
  readonly at: number;
  readonly encoding?: 'base64' | 'text';
}

/**
 * All of a JSON body but its chosen strings. It knows just enough of the grammar to tell keys from values and strings
 * from structure; whether the whole is JSON is decided by `JSON.parse`, so a wrong guess in a wrong body does no harm.
 */
export class JsonSkeleton {
  readonly #options: SkeletonOptions;
  #buffer = Buffer.allocUnsafe(4096);
  #length = 0;
  /** The closing bytes that are still to come. */
  readonly #open: number[] = [];
  #isInString = false;
  #isEscaped = false;
  #expectsKey = false;
  #followsColon = false;
  /** Of the last key: the bytes between its quotes, as they lie in the buffer. */
  #keyStart = 0;
  #keyEnd = 0;
  #isKey = false;

  constructor(options: SkeletonOptions) {
    this.#options = options;
  }

  /** Reads on until the chunk ends or a chosen string begins. */
  take(chunk: Buffer, from: number): Stop {
    let at = from;
    while (at < chunk.length) {
      if (this.#isInString) {
        at = this.#takeString(chunk, at);
        continue;
      }
      const byte = chunk[at];
      const encoding = byte === quote && this.#followsColon ? this.#chooseEncoding() : undefined;
      if (encoding) return { at: at + 1, encoding };
      if (byte === quote) this.#beginString();
      else this.#note(byte);
      at = this.#append(chunk, at, at + 1);
    }
    return { at };
  }

  /** A string of our own, in place of one that went to a file. `text` needs no escapes. */
  appendString(text: string): void {
    const bytes = Buffer.from(`"${text}"`);
    this.#append(bytes, 0, bytes.length);
    this.#followsColon = false;
  }

  /** The value, in which `replace` may put something else in the place of a string. */
  parse(replace: (text: string) => unknown): unknown {
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.#filled());
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
    for (let at = from; at < chunk.length; at += 1) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (chunk[at] === backslash) this.#isEscaped = true;
      else if (chunk[at] === quote) {
        this.#append(chunk, from, at);
        this.#endString();
        return this.#append(chunk, at, at + 1);
      }
    }
    return this.#append(chunk, from, chunk.length);
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
    if (this.#isKey) this.#keyEnd = this.#length;
  }

  #chooseEncoding(): 'base64' | 'text' | undefined {
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
    // JSON.parse with a reviver recurses: a body that nests without end would overflow the stack.
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
