import { type Duplex, pipeline } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { toConnectionFailure } from '../../outbound/network-failure.ts';
import { OutboundFailure } from '../../outbound/outbound-failure.ts';
import { ReferenceFailure } from './reference-failure.ts';

/** How much longer than the picture the body may be when a server compresses a picture of the largest size in vain. */
const compressionSlack = 64 * 1024;

/** Asks for no compression, because pictures are already compressed; some servers compress anyway. */
export const acceptEncoding = 'identity';

const decompressors: Readonly<Record<string, () => Duplex>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

interface BodyHeaders {
  readonly contentEncoding: string | undefined;
  readonly contentLength: string | undefined;
}

/**
 * The picture in a response, decompressed as it arrives. It may be larger than `maxBytes`: the reader stops there, and
 * nothing is decompressed that is not read. This code limits what comes over the wire. Throws `ReferenceFailure`.
 */
export function readBody(
  body: AsyncIterable<Uint8Array>,
  { contentEncoding = 'identity', contentLength }: BodyHeaders,
  maxBytes: number,
): AsyncIterable<Uint8Array> {
  const encoding = contentEncoding.trim().toLowerCase();
  const isPlain = encoding === 'identity' || encoding === '';
  const decompressor = decompressors[encoding];
  if (!isPlain && !decompressor) throw new ReferenceFailure('the server used a compression that was not asked for');
  const maxWireBytes = isPlain ? maxBytes : maxBytes + compressionSlack;
  if (Number(contentLength) > maxWireBytes) throw createTooLargeFailure(maxBytes);
  const wire = limitWire(body, maxWireBytes, maxBytes);
  return decompressor ? decompress(wire, decompressor()) : wire;
}

export function createTooLargeFailure(maxBytes: number): ReferenceFailure {
  return new ReferenceFailure(`it is larger than ${Math.round(maxBytes / 1024 ** 2)} MB`, { isTooLarge: true });
}

async function* limitWire(body: AsyncIterable<Uint8Array>, maxWireBytes: number, maxBytes: number) {
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > maxWireBytes) throw createTooLargeFailure(maxBytes);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof OutboundFailure ? error : toConnectionFailure(error);
  }
}

async function* decompress(wire: AsyncIterable<Uint8Array>, decompressor: Duplex): AsyncGenerator<Uint8Array> {
  try {
    // The loop gets the errors of either side; the callback has nothing to add.
    yield* pipeline(wire, decompressor, () => {});
  } catch (cause) {
    throw cause instanceof OutboundFailure ? cause : new ReferenceFailure('it cannot be decompressed', { cause });
  }
}
