import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { crc32, createDeflate, createInflate } from 'node:zlib';

/** At least this share of the pixel data must be present. */
const leastShare = 31 / 32;

/** Larger pictures are not completed, because they would have to be held in memory. */
const maxDataBytes = 160_000_000;

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/**
 * Returns a whole PNG for one whose end is missing: the rows that exist, then black (or transparent) rows. `undefined`
 * when too much is missing, or when this kind of PNG is not supported.
 */
export async function completePng(png: Buffer): Promise<Buffer | undefined> {
  const chunks = [...readChunks(png)];
  const head = chunks[0];
  if (head?.type !== 'IHDR' || head.data.length !== 13) return undefined;
  const wanted = countDataBytes(head.data);
  if (wanted > maxDataBytes) return undefined;
  const compressed = chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data);
  const { pieces, length } = await inflateWhatIsThere(compressed, wanted);
  if (length < wanted * leastShare) return undefined;
  const data = Readable.from([...pieces, Buffer.alloc(wanted - length)].filter((piece) => piece.length > 0));
  const firstData = chunks.findIndex(({ type }) => type === 'IDAT');
  return Buffer.concat([
    signature,
    ...chunks.slice(0, firstData).map(({ type, data: content }) => toChunk(type, content)),
    toChunk('IDAT', await buffer(data.pipe(createDeflate({ level: 2 })))),
    toChunk('IEND', Buffer.alloc(0)),
  ]);
}

interface Chunk {
  readonly type: string;
  /** Shorter than announced when the file ends inside it. */
  readonly data: Buffer;
}

function* readChunks(png: Buffer): Generator<Chunk> {
  for (let at = signature.length; at + 8 <= png.length; ) {
    const length = png.readUInt32BE(at);
    yield { type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) };
    at += length + 12;
  }
}

function toChunk(type: string, data: Buffer): Buffer {
  const chunk = Buffer.alloc(data.length + 12);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, 'latin1');
  data.copy(chunk, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, data.length + 8)), data.length + 8);
  return chunk;
}

/** The rows of every pass, each with its filter byte (PNG, 8.2 and 9.2). */
function countDataBytes(head: Buffer): number {
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  const bits = (head[8] ?? 0) * (channelsOf[head[9] ?? 0] ?? 1);
  const passes = head[12] === 1 ? adam7 : [[0, 0, 1, 1] as const];
  return passes.reduce((sum, [left, top, across, down]) => {
    const columns = Math.ceil((width - left) / across);
    const rows = Math.ceil((height - top) / down);
    return columns > 0 && rows > 0 ? sum + rows * (1 + Math.ceil((columns * bits) / 8)) : sum;
  }, 0);
}

const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Where each pass of an interlaced PNG begins, and its steps. */
export const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Inflates until the data ends or is wrong, up to `most` bytes. */
async function inflateWhatIsThere(compressed: readonly Buffer[], most: number) {
  const pieces: Buffer[] = [];
  let length = 0;
  const inflate = createInflate();
  // The stream is ended by hand, so that a missing end does not hide the data before it.
  inflate.on('error', () => {});
  for (const piece of compressed) inflate.write(piece);
  inflate.end();
  try {
    for await (const piece of inflate) {
      pieces.push(piece.subarray(0, most - length));
      length = Math.min(most, length + piece.length);
      if (length === most) break;
    }
  } catch {
    // The data before the fault is used.
  }
  return { pieces, length };
}
