import { type FileHandle, open } from 'node:fs/promises';
import type { SpoolFile } from '@darkroom/json-stream';
import type { ImageType } from '../sniff-image-type.ts';

/** Does the file end in a different way than files of its type do? It may be cut off, or have something after its end. */
export async function lacksEnd(file: SpoolFile, type: ImageType): Promise<boolean> {
  switch (type) {
    case 'image/png':
      return !(await readLast(file, 8)).equals(endOfPng);
    case 'image/jpeg':
      return !(await readLast(file, 2)).equals(endOfJpeg);
    case 'image/webp':
      return await withFile(file, async (handle) => (await read(handle, 4, 4)).readUInt32LE() + 8 > file.bytes);
    default:
      // These are decoded anyway.
      return false;
  }
}

const endOfPng = Buffer.from('IEND\xae\x42\x60\x82', 'latin1');
const endOfJpeg = Buffer.from('ffd9', 'hex');

/** Do the boxes of an HEIF file end where the file ends? Nothing in them is decoded. */
export async function isWholeHeif(file: SpoolFile): Promise<boolean> {
  return await withFile(file, async (handle) => {
    let at = 0;
    for (let boxes = 0; at < file.bytes; boxes += 1) {
      if (boxes === maxBoxes) return true;
      const head = await read(handle, at, 16);
      if (at + 8 > file.bytes) return false;
      const size = head.readUInt32BE(0);
      // The last box may reach to the end of the file; a large one has its size after its name.
      if (size === 0) return true;
      const bytes = size === 1 ? Number(head.readBigUInt64BE(8)) : size;
      if (bytes < 8) return false;
      at += bytes;
    }
    return at === file.bytes;
  });
}

const maxBoxes = 100;

async function readLast(file: SpoolFile, bytes: number): Promise<Buffer> {
  return await withFile(file, (handle) => read(handle, Math.max(0, file.bytes - bytes), bytes));
}

/** Beyond the end of the file there are zeros. */
async function read(handle: FileHandle, at: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  await handle.read(buffer, 0, bytes, at);
  return buffer;
}

async function withFile<T>({ path }: SpoolFile, work: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await open(path);
  try {
    return await work(handle);
  } finally {
    await handle.close();
  }
}
