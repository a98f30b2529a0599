import { Problem } from '../problem.ts';

/** More than the longest conversation has: 200 turns, half of them with 14 pictures each. */
const maxValues = 10_000;
const maxDepth = 100;
/** Ten times what the largest model reads; the pictures of a body are moved out of it, and do not count. */
export const maxTextBytes = 2 * 1024 * 1024;

const quote = 0x22;
const backslash = 0x5c;
const slash = 0x2f;
const dataPrefix = 'data:';
const keyLength = 'data'.length;

/**
 * Counts what a JSON text holds while it arrives, by a look at each byte and without memory: a body of a million keys takes
 * seconds to parse, and a hundred bytes nested deeply enough overflow the stack. Says nothing of texts that are no JSON.
 */
export class JsonScan {
  #values = 0;
  #depth = 0;
  #deepest = 0;
  #bytes = 0;
  /** In strings that look like pictures: a data URI, or the value of a key `data`. */
  #pictureBytes = 0;
  #string: StringScan | undefined;
  /** Was the last string `data`, and then: is that the key of what comes? */
  #isData = false;

  look(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    for (let at = 0; at < chunk.length; ) {
      at = this.#string ? this.#lookInString(this.#string, chunk, at) : this.#lookOutside(chunk, at);
    }
  }

  /** How many keys and list entries there were. */
  get values(): number {
    return this.#values;
  }

  /** What is too much of what was seen. */
  get problem(): Problem | undefined {
    if (this.#deepest > maxDepth)
      return new Problem(
        'invalid_request',
        `The body is nested ${count(this.#deepest)} levels deep: at most ${maxDepth} are taken.`,
      );
    if (this.#values > maxValues)
      return new Problem(
        'invalid_request',
        `The body has ${count(this.#values)} keys and list entries: at most ${count(maxValues)} are taken.`,
      );
    if (this.#textBytes > maxTextBytes) return createTextProblem('The body', this.#textBytes);
    return undefined;
  }

  get #textBytes(): number {
    const string = this.#string;
    return this.#bytes - this.#pictureBytes - (string?.isPicture ? string.length : 0);
  }

  #lookOutside(chunk: Uint8Array, from: number): number {
    for (let at = from; at < chunk.length; at += 1) {
      switch (chunk[at]) {
        case quote:
          this.#string = new StringScan(this.#isData);
          return at + 1;
        case 0x5b: // [
        case 0x7b: // {
          this.#values += 1;
          this.#depth += 1;
          if (this.#depth > this.#deepest) this.#deepest = this.#depth;
          this.#isData = false;
          break;
        case 0x5d: // ]
        case 0x7d: // }
          this.#depth -= 1;
          this.#isData = false;
          break;
        case 0x2c: // ,
          this.#values += 1;
          this.#isData = false;
          break;
      }
    }
    return chunk.length;
  }

  #lookInString(string: StringScan, chunk: Uint8Array, from: number): number {
    const end = string.look(chunk, from);
    if (!string.isOver) return end;
    if (string.isPicture) this.#pictureBytes += string.length;
    this.#isData = string.isData;
    this.#string = undefined;
    return end;
  }
}

/** The refusal of what is too long without its pictures. */
export function createTextProblem(what: string, bytes: number): Problem {
  return new Problem(
    'body_too_large',
    `${what} has ${count(bytes)} bytes beside its pictures: at most ${count(maxTextBytes)} (2 MiB) are taken.`,
  );
}

/** One string, from behind its opening quote. */
class StringScan {
  length = 0;
  isOver = false;
  readonly #isOfData: boolean;
  #matched = 0;
  #isEscaped = false;
  /** Base64 has no escapes, but for the slashes that PHP escapes. */
  #isPlain = true;

  constructor(isOfData: boolean) {
    this.#isOfData = isOfData;
  }

  get isData(): boolean {
    return this.length === keyLength && this.#matched === keyLength;
  }

  get isPicture(): boolean {
    return this.#isPlain && (this.#isOfData || this.#matched === dataPrefix.length);
  }

  /** Gives where it stopped: behind the closing quote, or at the end of the chunk. */
  look(chunk: Uint8Array, from: number): number {
    let at = from;
    // Of a picture most chunks hold nothing but base64.
    if (from === 0 && this.length >= dataPrefix.length && !this.#isEscaped && isWithin(chunk)) at = chunk.length;
    for (; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (this.#isEscaped) {
        this.#isEscaped = false;
        if (byte !== slash) this.#isPlain = false;
      } else if (byte === backslash) this.#isEscaped = true;
      else if (byte === quote) {
        this.isOver = true;
        this.length += at - from;
        return at + 1;
      } else if (this.#matched < dataPrefix.length) this.#match(byte, this.length + at - from);
    }
    this.length += at - from;
    return at;
  }

  /** Capital letters are as good as small ones. */
  #match(byte: number, index: number): void {
    if (index === this.#matched && (byte | 0x20) === (dataPrefix.charCodeAt(index) | 0x20)) this.#matched += 1;
  }
}

/** Does the chunk end neither a string nor a run of plain letters? */
function isWithin(chunk: Uint8Array): boolean {
  return !chunk.includes(quote) && !chunk.includes(backslash);
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}
