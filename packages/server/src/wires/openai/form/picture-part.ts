import type { Readable } from 'node:stream';
import { Base64Slab, JsonDecodeError, slabBytes } from '@darkroom/json-stream';
import { findInlineData } from '@darkroom/protocol';
import { Problem } from '../../../core/problem.ts';
import { sniffImageType } from '../../../media/sniff-image-type.ts';

/** What a part of a form that should be a picture contains. */
export type PicturePart =
  | { readonly kind: 'empty' }
  /** A URL, which some clients send in place of a file. */
  | { readonly kind: 'address'; readonly address: string }
  /** A file, or the decoded base64 of a text. Each chunk is valid until the next one is requested. */
  | { readonly kind: 'bytes'; readonly bytes: AsyncIterable<Uint8Array> };

/** Enough to see the beginning of a `data:` URI up to its comma. */
const headBytes = 512;
/** As everywhere. */
const maxAddressCharacters = 8_192;

/** Reads only as much as it takes to recognize what it is. The file is never destroyed: the form goes on behind it. */
export async function readPicturePart(file: Readable): Promise<PicturePart> {
  const chunks: Chunks = file.iterator({ destroyOnReturn: false });
  const head = await readHead(chunks);
  if (head.length === 0) return { kind: 'empty' };
  const text = head.toString('latin1');
  if (/^\s*(?:https?|gs):/i.test(text)) return { kind: 'address', address: await readAddress(head, chunks) };
  const base64At = sniffImageType(head) ? undefined : findInlineData(text);
  if (base64At === undefined) return { kind: 'bytes', bytes: join(head, chunks) };
  return { kind: 'bytes', bytes: decode(join(head.subarray(base64At), chunks)) };
}

type Chunks = AsyncIterator<Buffer>;

async function readHead(chunks: Chunks): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < headBytes) {
    const { done, value } = await chunks.next();
    if (done === true) break;
    head = Buffer.concat([head, value]);
  }
  return head;
}

async function readAddress(head: Buffer, chunks: Chunks): Promise<string> {
  let bytes = head;
  for await (const chunk of join(Buffer.alloc(0), chunks)) {
    bytes = Buffer.concat([bytes, chunk]);
    if (bytes.length > maxAddressCharacters)
      throw new Problem(
        'invalid_request',
        `The address of a picture is longer than ${maxAddressCharacters} characters.`,
      );
  }
  return bytes.toString('utf8').trim();
}

async function* join(head: Buffer, chunks: Chunks): AsyncGenerator<Buffer> {
  yield head;
  for (;;) {
    const { done, value } = await chunks.next();
    if (done === true) return;
    yield value;
  }
}

async function* decode(base64: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  const slab = new Base64Slab();
  const output = Buffer.allocUnsafeSlow(slabBytes);
  try {
    for await (const chunk of base64) {
      const run = Buffer.from(chunk.toString('latin1').replace(/\s+/g, ''), 'latin1');
      for (let at = 0; at < run.length; ) {
        at += slab.fill(run, at);
        if (slab.isFull) yield output.subarray(0, slab.drain(output, 0, false));
      }
    }
    yield output.subarray(0, slab.drain(output, 0, true));
  } catch (error) {
    throw error instanceof JsonDecodeError
      ? new Problem('invalid_request', 'The base64 of a picture is invalid.')
      : error;
  }
}
