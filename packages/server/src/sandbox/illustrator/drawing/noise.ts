import { crc32, deflateSync } from 'node:zlib';
import { createDice } from '../dice.ts';

const edge = 56;

/** A small PNG of coloured noise as a data URL. Stretched over a picture it is as soft as clouds, at a tenth of the cost of feTurbulence. */
export const noiseUrl = `data:image/png;base64,${encodePng().toString('base64')}`;

function encodePng(): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(edge, 0);
  header.writeUInt32BE(edge, 4);
  // Eight bits a channel, red, green and blue.
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    toChunk('IHDR', header),
    toChunk('IDAT', deflateSync(drawRows())),
    toChunk('IEND', Buffer.alloc(0)),
  ]);
}

function drawRows(): Buffer {
  const dice = createDice('noise');
  const rows = Buffer.alloc(edge * (1 + edge * 3));
  for (let offset = 0; offset < rows.length; offset++) {
    // Each row begins with the number of its filter: none.
    rows[offset] = offset % (1 + edge * 3) === 0 ? 0 : Math.floor(dice.roll() * 256);
  }
  return rows;
}

function toChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
