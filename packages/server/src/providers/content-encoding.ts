import { pipeline, Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw, createZstdDecompress } from 'node:zlib';
import { JsonDecodeError } from '@darkroom/json-stream';

/** More layers than any proxy puts around a body. Deeper layers are not unwrapped, and the result is then not JSON. */
const maxLayers = 3;

/**
 * A body as it was before its `Content-Encoding`. We ask for none, but some relays compress anyway, or send a header that does
 * not match their bytes. The output is produced as it is read, and its reader bounds it.
 *
 * Rejects with `JsonDecodeError` when the bytes are not what the header says, or with the error of `body`.
 */
export function decodeContent(body: AsyncIterable<Uint8Array>, contentEncoding = ''): AsyncIterable<Uint8Array> {
  const layers = contentEncoding
    .toLowerCase()
    .split(',')
    .map((layer) => layer.trim())
    .filter((layer) => layer !== '' && layer !== 'identity');
  // The last encoding is the outermost. Without any it may still be gzip.
  return (layers.length === 0 ? ['gzip'] : layers.slice(-maxLayers)).reduceRight(unwrap, body);
}

async function* unwrap(body: AsyncIterable<Uint8Array>, layer: string): AsyncGenerator<Uint8Array> {
  const { first, whole } = await peek(body);
  const decoder = createDecoder(layer, first);
  if (decoder === undefined) yield* whole;
  else yield* decode(whole, decoder);
}

/** `undefined` when the bytes are not encoded after all. */
function createDecoder(layer: string, first: Uint8Array): Transform | undefined {
  const [one = 0, two = 0] = first;
  switch (layer) {
    case 'gzip':
    case 'x-gzip':
      return one === 0x1f && two === 0x8b ? createGunzip() : undefined;
    case 'deflate':
      // The name means zlib; some servers send the bare stream.
      return (one & 0x0f) === 8 && (one * 256 + two) % 31 === 0 ? createInflate() : createInflateRaw();
    case 'br':
      return createBrotliDecompress();
    case 'zstd':
      return createZstdDecompress();
    default:
      throw new JsonDecodeError('syntax', `The body is encoded as ${layer.slice(0, 20)}, which was not asked for.`);
  }
}

async function* decode(body: AsyncIterable<Uint8Array>, decoder: Transform): AsyncGenerator<Uint8Array> {
  let failure: unknown;
  // The decoder already ends with the error; a reader that leaves early is not an error.
  pipeline(Readable.from(body), decoder, (error) => {
    failure = error;
  });
  try {
    yield* decoder;
  } catch (error) {
    throw toDecodeError(failure ?? error);
  }
}

function toDecodeError(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!/^(?:Z_|ERR_BROTLI|ERR__ERROR_|ZSTD_|ERR_ZSTD)/.test(code)) return error;
  return code === 'Z_BUF_ERROR'
    ? new JsonDecodeError('truncated', 'The body ends before its compressed stream does.', { cause: error })
    : new JsonDecodeError('syntax', 'The body is not compressed in the way that its headers say.', { cause: error });
}

/** The first two bytes, if there are that many, and the whole body. */
async function peek(
  body: AsyncIterable<Uint8Array>,
): Promise<{ readonly first: Uint8Array; readonly whole: AsyncIterable<Uint8Array> }> {
  const rest = body[Symbol.asyncIterator]();
  const begun: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < 2) {
    const next = await rest.next();
    if (next.done) break;
    begun.push(next.value);
    bytes += next.value.length;
  }
  return { first: Buffer.concat(begun).subarray(0, 2), whole: join(begun, rest) };
}

async function* join(begun: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* begun;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
