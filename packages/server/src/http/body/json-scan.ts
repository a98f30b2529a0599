import { groupDigits } from '@darkroom/protocol';
import { Problem } from '../../core/problem.ts';
import { createTextProblem, maxTextBytes } from '../../core/text-limit.ts';

/** More than the longest conversation of `next_turn_contents` has: 3,000 pictures, with four values each, in 200 turns. */
const maxValues = 15_000;
const maxDepth = 100;

const quote = 0x22;
const slash = 0x2f;
const backslash = 0x5c;
const dataPrefix = 'data:';
const dataKey = 'data';
/** A shorter string does not count as a picture. */
const minPictureBytes = 64;

/**
 * Counts what a JSON text holds while it arrives, byte by byte and without memory: a body of a million keys takes seconds to
 * parse, and deep nesting overflows the stack. It says nothing about texts that are not JSON.
 */
export class JsonScan {
  #values = 0;
  #depth = 0;
  #deepest = 0;
  #bytes = 0;
  /** In strings that look like pictures: a data URI, or the value of a key `data`. */
  #pictureBytes = 0;
  #isInString = false;
  #isEscaped = false;
  /** How many bytes the string has so far, and how it begins, where that matters. */
  #length = 0;
  #head = '';
  /** Base64 has no escapes, except for the slashes that PHP escapes. */
  #isPlain = true;
  /** Was the last string `data`, so that it may be the key of the next one? */
  #isOfData = false;

  look(chunk: Buffer): void {
    this.#bytes += chunk.length;
    for (let at = 0; at < chunk.length; ) {
      at = this.#isInString ? this.#lookInString(chunk, at) : this.#lookOutside(chunk, at);
    }
  }

  /** How many keys and list entries there were. */
  get values(): number {
    return this.#values;
  }

  /** The refusal of a text that has too much of something; `undefined` while it has not. */
  get problem(): Problem | undefined {
    if (this.#deepest > maxDepth)
      return new Problem(
        'invalid_request',
        `The body is nested ${count(this.#deepest)} levels deep: at most ${maxDepth} are allowed.`,
      );
    if (this.#values > maxValues)
      return new Problem(
        'invalid_request',
        `The body has ${count(this.#values)} keys and list entries: at most ${count(maxValues)} are allowed.`,
      );
    if (this.#textBytes > maxTextBytes) return createTextProblem('The body', this.#textBytes);
    return undefined;
  }

  get #textBytes(): number {
    return this.#bytes - this.#pictureBytes - (this.#isInString && this.#isPicture ? this.#length : 0);
  }

  get #isPicture(): boolean {
    return this.#isPlain && this.#length >= minPictureBytes && (this.#isOfData || this.#head === dataPrefix);
  }

  /** Stops after the quote that opens a string. */
  #lookOutside(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at += 1) {
      switch (chunk[at]) {
        case quote:
          this.#isInString = true;
          this.#length = 0;
          this.#head = '';
          this.#isPlain = true;
          return at + 1;
        case 0x5b: // [
        case 0x7b: // {
          this.#values += 1;
          this.#depth += 1;
          if (this.#depth > this.#deepest) this.#deepest = this.#depth;
          this.#isOfData = false;
          break;
        case 0x5d: // ]
        case 0x7d: // }
          this.#depth -= 1;
          this.#isOfData = false;
          break;
        case 0x2c: // ,
          this.#values += 1;
          this.#isOfData = false;
          break;
      }
    }
    return chunk.length;
  }

  /** Stops after the quote that closes the string, or at the end of the chunk. */
  #lookInString(chunk: Buffer, from: number): number {
    let at = this.#isEscaped || !isWithinString(chunk, from) ? from : chunk.length;
    while (at < chunk.length) {
      if (this.#isEscaped) {
        this.#isEscaped = false;
        if (chunk[at] !== slash) this.#isPlain = false;
        at += 1;
      }
      while (at < chunk.length && chunk[at] !== quote && chunk[at] !== backslash) at += 1;
      if (chunk[at] !== backslash) break;
      this.#isEscaped = true;
      at += 1;
    }
    const isOver = at < chunk.length;
    this.#length += at - from;
    if (!isOver || this.#length === dataKey.length || this.#length >= minPictureBytes)
      this.#head += chunk
        .toString('latin1', from, Math.min(at, from + dataPrefix.length - this.#head.length))
        .toLowerCase();
    if (isOver) this.#endString();
    return at + 1;
  }

  #endString(): void {
    if (this.#isPicture) this.#pictureBytes += this.#length;
    this.#isOfData = this.#length === dataKey.length && this.#head === dataKey;
    this.#isInString = false;
  }
}

/** Most chunks of a picture hold only base64. */
function isWithinString(chunk: Buffer, from: number): boolean {
  return from === 0 && !chunk.includes(quote) && !chunk.includes(backslash);
}

function count(number: number): string {
  return groupDigits(number);
}
