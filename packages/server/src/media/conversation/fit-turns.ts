import { join } from 'node:path';
import { createSecret } from '../../platform/ids.ts';
import type { Turn, TurnPart } from '../../providers/image-model.ts';
import { shrinkPicture } from '../codec/picture-codec.ts';
import { readPictureHead } from '../codec/picture-head.ts';
import { UnreadablePictureError } from '../media-errors.ts';
import type { PicturePart } from './picture-source.ts';

export interface FittedTurns {
  readonly turns: readonly Turn[];
  /** How many pictures were made smaller; missing when none was. */
  readonly reducedPictures?: number;
}

/**
 * Makes the user's pictures smaller, the largest first, until the turns fit. The model sees a reference at about a
 * megapixel, so a picture with sides of 1,440 pixels still shows everything. The model's own pictures are never
 * changed, because a signature belongs to exact bytes. A picture that cannot be decoded here (HEIC) is sent as it is.
 */
export async function fitTurns(
  turns: readonly Turn[],
  { maxBytes, folder }: { readonly maxBytes: number; readonly folder: string },
): Promise<FittedTurns> {
  const smaller = new Map<TurnPart, TurnPart>();
  let excess = countBytes(turns) - maxBytes;
  for (const picture of excess > 0 ? toUserPictures(turns) : []) {
    const reduced = await reduce(picture, folder);
    if (!reduced || reduced.file.bytes >= picture.file.bytes) continue;
    smaller.set(picture, reduced);
    excess -= toBase64Bytes(picture.file.bytes) - toBase64Bytes(reduced.file.bytes);
    if (excess <= 0) break;
  }
  if (smaller.size === 0) return { turns };
  const fitted = turns.map(({ role, parts }) => ({ role, parts: parts.map((part) => smaller.get(part) ?? part) }));
  return { turns: fitted, reducedPictures: smaller.size };
}

/** The size of the turns in the body: pictures as base64, and the signatures, which are text already. */
export function countBytes(turns: readonly Turn[]): number {
  return turns
    .flatMap(({ parts }) => parts)
    .reduce((sum, part) => {
      const content = countContent(part);
      return sum + content + (part.signature?.kind === 'file' ? part.signature.file.bytes : 0);
    }, 0);
}

function countContent(part: TurnPart): number {
  switch (part.kind) {
    case 'text':
      return Buffer.byteLength(part.text);
    case 'picture':
      return toBase64Bytes(part.file.bytes);
    case 'remote':
      return part.uri.length;
  }
}

const maxSide = 1_440;

function toBase64Bytes(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

function toUserPictures(turns: readonly Turn[]): readonly PicturePart[] {
  return turns
    .flatMap(({ role, parts }) => (role === 'user' ? parts : []))
    .filter((part) => part.kind === 'picture')
    .sort((a, b) => b.file.bytes - a.file.bytes);
}

async function reduce(picture: PicturePart, folder: string): Promise<PicturePart | undefined> {
  try {
    const head = await readPictureHead(picture.file);
    const file = await shrinkPicture({ file: picture.file, head }, join(folder, createSecret()), maxSide);
    return { ...picture, file, mimeType: 'image/jpeg' };
  } catch (error) {
    if (error instanceof UnreadablePictureError) return undefined;
    throw error;
  }
}
