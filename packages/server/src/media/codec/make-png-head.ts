import { crc32, deflateSync } from 'node:zlib';

/** Returns an RGBA PNG that declares this many pixels but holds only a few of their bytes; for tests. */
export function makePngHead(said: {
  readonly width: number;
  readonly height: number;
  readonly bits?: 8 | 16;
  readonly isInterlaced?: boolean;
}): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(said.width, 0);
  head.writeUInt32BE(said.height, 4);
  head.set([said.bits ?? 8, 6, 0, 0, said.isInterlaced ? 1 : 0], 8);
  const chunks = [toChunk('IHDR', head), toChunk('IDAT', deflateSync(Buffer.alloc(1_000)))];
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks]);
}

function toChunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
