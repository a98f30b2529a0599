import { type FileHandle, open } from 'node:fs/promises';
import type { ImageType } from '../sniff-image-type.ts';

/**
 * Do the bytes of a PNG or WebP hold content credentials (a manifest of C2PA)? For a JPEG, `JpegWalk` says it. Only the heads of the
 * picture's parts are read, and not more than `maxParts` of them. Nobody has checked what the credentials say. Source: the C2PA
 * specification, "Embedding manifests".
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
const headBytes = 8;

interface Format {
  /** Where the first part begins. */
  readonly start: number;
  /** `undefined`: no manifest follows. */
  readonly readPart: (head: Buffer) => { readonly bytes: number; readonly isManifest: boolean } | undefined;
}

const formats: Partial<Record<ImageType, Format>> = {
  'image/png': { start: 8, readPart: readPngChunk },
  'image/webp': { start: 12, readPart: readRiffChunk },
};

async function findManifest(file: FileHandle, { start, readPart }: Format): Promise<boolean> {
  let position = start;
  for (let parts = 0; parts < maxParts; parts += 1) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(headBytes), 0, headBytes, position);
    const part = bytesRead < headBytes ? undefined : readPart(buffer);
    if (!part || part.isManifest) return part?.isManifest ?? false;
    position += part.bytes;
  }
  return false;
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
