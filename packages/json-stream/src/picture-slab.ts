import { JsonDecodeError } from './json-decode-error.ts';
import { Base64Slab } from './string-slab.ts';

/** The maximum length of a data URI before the comma. */
const maxHeadLength = 256;
const scheme = 'data:';
const whiteSpace = [0x0a, 0x0d, 0x20, 0x09];

/** Base64 as some relays write it: in lines, between spaces, or after the head of a data URI. */
export class PictureSlab extends Base64Slab {
  /** The first characters, until it is clear whether they are the head of a data URI. */
  #head: string | undefined = '';
  #mimeType: string | undefined;

  /** The media type that a data URI names. */
  get mimeType(): string | undefined {
    return this.#mimeType;
  }

  override clean(run: Buffer): Buffer {
    const dense = withoutWhiteSpace(run);
    return this.#head === undefined ? dense : this.#takeHead(this.#head, dense);
  }

  override drain(output: Buffer, offset: number, isLast: boolean): number {
    // The string is so short that it could still have become a data URI.
    if (isLast && this.#head) this.fill(Buffer.from(this.#head, 'latin1'), 0);
    return super.drain(output, offset, isLast);
  }

  #takeHead(known: string, run: Buffer): Buffer {
    const room = maxHeadLength - known.length;
    const head = known + run.toString('latin1', 0, room);
    const isUri = head.slice(0, scheme.length).toLowerCase() === scheme.slice(0, head.length);
    if (!isUri) return this.#beginData(Buffer.concat([Buffer.from(known, 'latin1'), run]));
    const comma = head.indexOf(',');
    if (comma !== -1) {
      const [, mimeType, encoding] = /^data:([^;,]*)(?:;[^;,]*)*?(;base64)?$/i.exec(head.slice(0, comma)) ?? [];
      if (encoding === undefined) throw new JsonDecodeError('bad-base64', 'A data URI is not in base64.');
      this.#mimeType = mimeType || undefined;
      return this.#beginData(run.subarray(comma + 1 - known.length));
    }
    if (head.length === maxHeadLength) throw new JsonDecodeError('bad-base64', 'A data URI has no data.');
    this.#head = head;
    return run.subarray(run.length);
  }

  #beginData(run: Buffer): Buffer {
    this.#head = undefined;
    return run;
  }
}

function withoutWhiteSpace(run: Buffer): Buffer {
  if (whiteSpace.every((byte) => run.indexOf(byte) === -1)) return run;
  return Buffer.from(run.toString('latin1').replaceAll(/[\n\r\t ]+/g, ''), 'latin1');
}
