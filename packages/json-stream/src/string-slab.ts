import { JsonDecodeError } from './json-decode-error.ts';

/** A multiple of four, so that a full slab of base64 has whole groups. Small, so that its string is not a large object. */
export const slabBytes = 32 * 1024;

/** Collects the characters of a string until there are enough to decode at once. */
export interface StringSlab {
  readonly isFull: boolean;
  /** Throws if such a string must not contain `run`, bytes as they are in the JSON. */
  check(run: Buffer): void;
  /** Returns the relevant bytes of `run`, bytes of the string with its escapes decoded. */
  clean(run: Buffer): Buffer;
  /** Takes as many bytes of `run` from `from` on as fit. Returns how many it took. */
  fill(run: Buffer, from: number): number;
  /** Writes bytes for the file into `output` at `offset`, at most `slabBytes`. Returns how many it wrote. */
  drain(output: Buffer, offset: number, isLast: boolean): number;
}

class Slab {
  protected readonly buffer = Buffer.allocUnsafeSlow(slabBytes);
  protected length = 0;

  get isFull(): boolean {
    return this.length === slabBytes;
  }

  check(_run: Buffer): void {}

  clean(run: Buffer): Buffer {
    return run;
  }

  fill(run: Buffer, from: number): number {
    const taken = run.copy(this.buffer, this.length, from);
    this.length += taken;
    return taken;
  }
}

/** Base64, standard or URL-safe, with or without padding. */
export class Base64Slab extends Slab implements StringSlab {
  drain(output: Buffer, offset: number, isLast: boolean): number {
    if (isLast) return this.#decode(output, offset, this.#lengthWithoutPadding());
    // The last group is held back: only the last group of the string may be padded.
    const whole = this.length - 4;
    const bytes = this.#decode(output, offset, whole);
    this.length = this.buffer.copy(this.buffer, 0, whole, this.length);
    return bytes;
  }

  #lengthWithoutPadding(): number {
    const { buffer, length } = this;
    if (length === 0 || length % 4 !== 0 || buffer[length - 1] !== 0x3d) return length;
    return buffer[length - 2] === 0x3d ? length - 2 : length - 1;
  }

  /** Node skips characters that are not base64. Then there are fewer bytes than the characters promise. */
  #decode(output: Buffer, offset: number, characters: number): number {
    const bytes = output.write(this.buffer.toString('latin1', 0, characters), offset, 'base64');
    if (characters % 4 === 1 || bytes !== Math.floor((characters * 3) / 4)) {
      throw new JsonDecodeError('bad-base64', 'A string that should be base64 is not.');
    }
    return bytes;
  }
}

/** Text. It is checked to be UTF-8 and written unchanged. */
export class TextSlab extends Slab implements StringSlab {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  override check(run: Buffer): void {
    for (const byte of run) {
      if (byte < 0x20) throw new JsonDecodeError('syntax', 'A string holds a bare control character.');
    }
  }

  drain(output: Buffer, offset: number, isLast: boolean): number {
    const bytes = this.buffer.copy(output, offset, 0, this.length);
    this.length = 0;
    try {
      this.#decoder.decode(output.subarray(offset, offset + bytes), { stream: !isLast });
    } catch (cause) {
      throw new JsonDecodeError('syntax', 'A string is not UTF-8.', { cause });
    }
    return bytes;
  }
}
