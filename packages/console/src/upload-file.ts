import type { Darkroom } from '@darkroom/client';
import { maxReferenceBytes, type UploadType, uploadTypes } from '@darkroom/protocol';
import { toSentence } from './sentences.ts';

/** The file types that a file input offers. */
export const acceptedFiles = 'image/png,image/jpeg,image/webp,image/heic,image/heif,.heic,.heif';

export type Upload =
  | { readonly kind: 'kept'; readonly url: string }
  /** `reason` is a sentence that says why it was not accepted. */
  | { readonly kind: 'refused'; readonly reason: string };

/** A sentence that says why Darkroom would refuse the file; `undefined` if it may accept it. */
export function describeUnfit(file: File): string | undefined {
  if (toUploadType(file) === undefined) return 'It is not a PNG, JPEG, WebP, HEIC or HEIF picture.';
  return file.size > maxReferenceBytes ? 'It is larger than 7 MB.' : undefined;
}

/** Uploads a picture from the reader, if Darkroom accepts it. */
export async function uploadFile(darkroom: Darkroom, file: File): Promise<Upload> {
  const reason = describeUnfit(file);
  if (reason !== undefined) return { kind: 'refused', reason };
  const type = toUploadType(file);
  try {
    return { kind: 'kept', url: await darkroom.upload(file, type && { type }) };
  } catch (error) {
    return { kind: 'refused', reason: toSentence(error) };
  }
}

/** Finds the type by that of the file, or by its name when the browser does not know the type, as for HEIC. */
function toUploadType(file: File): UploadType | undefined {
  const words = Object.keys(uploadTypes) as UploadType[]; // the table's own keys
  const ending = file.name.split('.').at(-1)?.toLowerCase();
  return (
    words.find((word) => uploadTypes[word] === file.type) ?? words.find((word) => file.type === '' && word === ending)
  );
}
