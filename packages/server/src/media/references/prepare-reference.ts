import { join } from 'node:path';
import type { SpoolFile } from '@darkroom/json-stream';
import { maxReferenceBytes } from '@darkroom/protocol';
import { createSecret } from '../../platform/ids.ts';
import { assertDecodable, type HeadedPicture, plainPicture } from '../codec/picture-codec.ts';
import { isHeif, readImageType, readPictureHead } from '../codec/picture-head.ts';
import { PictureTooLargeError, UnreadablePictureError } from '../media-errors.ts';
import type { ImageType } from '../sniff-image-type.ts';
import { isWholeHeif, lacksEnd } from './is-whole.ts';
import { ReferenceFailure } from './reference-failure.ts';

export interface PreparedReference {
  readonly file: SpoolFile;
  readonly mimeType: ImageType;
}

/**
 * Turns a picture of the user into one that the upstream reads as people see it: whole, upright, in sRGB, its first
 * frame. A picture that already is so, and has one of the `types` that the upstream reads, is sent unchanged; any other goes
 * into a new file of `folder`. HEIC is sent unchanged or not at all, because nothing here reads it. Throws
 * `ReferenceFailure` before anything is sent when the picture is cut off, too large, or HEIC that the upstream does not read.
 */
export async function prepareReference(
  file: SpoolFile,
  { folder, types }: { readonly folder: string; readonly types: readonly string[] },
): Promise<PreparedReference> {
  try {
    const type = await readImageType(file);
    // Whatever its name says: HEIC may be called HEIF.
    if (type && isHeif(type)) return await passHeif(file, type, types);
    const head = await readPictureHead(file);
    const picture = { file, head };
    // Most pictures end as they should, so it takes no decoder to see that they are whole.
    if (await lacksEnd(file, head.type)) await assertDecodable(picture);
    if (head.isPlain && types.includes(head.type)) return { file, mimeType: head.type };
    return await convert(picture, folder);
  } catch (error) {
    if (!(error instanceof UnreadablePictureError)) throw error;
    throw new ReferenceFailure(toReason(error), { cause: error });
  }
}

function toReason(error: UnreadablePictureError): string {
  if (error instanceof PictureTooLargeError) return error.message.replace(/^The picture (.*)\.$/, 'it $1');
  return 'it is cut off or broken, so it cannot be decoded';
}

async function passHeif(file: SpoolFile, mimeType: ImageType, types: readonly string[]): Promise<PreparedReference> {
  if (!types.includes(mimeType)) throw new ReferenceFailure('it is HEIC, which this model cannot read');
  if (!(await isWholeHeif(file))) throw new ReferenceFailure('it is cut off');
  return { file, mimeType };
}

/** PNG loses nothing. A picture that has already lost something stays JPEG, and one that would be too large becomes JPEG. */
async function convert(picture: HeadedPicture, folder: string): Promise<PreparedReference> {
  if (picture.head.type !== 'image/jpeg') {
    const file = await plainPicture(picture, 'png', join(folder, createSecret()));
    if (file.bytes <= maxReferenceBytes) return { file, mimeType: 'image/png' };
  }
  return { file: await plainPicture(picture, 'jpeg', join(folder, createSecret())), mimeType: 'image/jpeg' };
}
