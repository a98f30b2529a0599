import { type FileHandle, open } from 'node:fs/promises';
import type { ImageType } from '../sniff-image-type.ts';

/**
 * Do the bytes of the file hold content credentials (a manifest of C2PA)? Only the heads of the picture's parts are read, and not
 * more than `maxParts` of them. Nobody has checked what the credentials say. Source: the C2PA specification, "Embedding manifests".
 */
export async function hasContentCredentials(path: string, type: ImageType): Promise<boolean> {
  const format = formats[type];
  if (!format) return false;
  const file = await open(path);
  try {
    return await findManifest(file, format);
  } finally {
    await file.close();
  }
}

const maxParts = 200;
/** Up to the id of a manifest in a JPEG. */
const headBytes = 32;

interface Format {
  /** Where the first part begins. */
  readonly start: number;
  /** `undefined`: no manifest follows. */
  readonly readPart: (head: Buffer) => { readonly bytes: number; readonly isManifest: boolean } | undefined;
}

const formats: Partial<Record<ImageType, Format>> = {
  'image/jpeg': { start: 2, readPart: readSegment },
  'image/png': { start: 8, readPart: readPngChunk },
  'image/webp': { start: 12, readPart: readRiffChunk },
};

async function findManifest(file: FileHandle, { start, readPart }: Format): Promise<boolean> {
  let position = start;
  for (let parts = 0; parts < maxParts; parts += 1) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(headBytes), 0, headBytes, position);
    const part = bytesRead < 8 ? undefined : readPart(buffer);
    if (!part || part.isManifest) return part?.isManifest ?? false;
    position += part.bytes;
  }
  return false;
}

/** A manifest is in segments APP11, as a box of JUMBF whose id begins with `c2pa`. The picture begins with SOS. */
function readSegment(head: Buffer) {
  const [mark, kind] = head;
  if (mark !== 0xff || kind === 0xda) return undefined;
  // Bytes that fill up.
  if (kind === 0xff) return { bytes: 1, isManifest: false };
  const isBox = kind === 0xeb && toText(head, 4, 6) === 'JP' && toText(head, 16, 20) === 'jumb';
  return { bytes: 2 + head.readUInt16BE(2), isManifest: isBox && toText(head, 28, 32) === 'c2pa' };
}

/** The chunk comes before the pixels. */
function readPngChunk(head: Buffer) {
  const name = toText(head, 4, 8);
  return name === 'IDAT' ? undefined : { bytes: 12 + head.readUInt32BE(0), isManifest: name === 'caBX' };
}

/** Chunks have an even length. */
function readRiffChunk(head: Buffer) {
  const length = head.readUInt32LE(4);
  return { bytes: 8 + length + (length % 2), isManifest: toText(head, 0, 4) === 'C2PA' };
}

function toText(head: Buffer, start: number, end: number): string {
  return head.toString('latin1', start, end);
}
