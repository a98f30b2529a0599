import type { Darkroom } from '@darkroom/client';
import { maxReferenceBytes, type UploadType, uploadTypes } from '@darkroom/protocol';
import { toSentence } from './sentences.ts';

/** What a file input offers. */
export const acceptedFiles = 'image/png,image/jpeg,image/webp,image/heic,image/heif,.heic,.heif';

export type Upload =
  | { readonly kind: 'kept'; readonly url: string }
  /** Why it was not taken, in a sentence. */
  | { readonly kind: 'refused'; readonly reason: string };

/** Why Darkroom would not take the file, in a sentence; `undefined` when it may. */
export function describeUnfit(file: File): string | undefined {
  if (toUploadType(file) === undefined) return 'It is not a PNG, JPEG, WebP, HEIC or HEIF picture.';
  return file.size > maxReferenceBytes ? 'It is larger than 7 MB.' : undefined;
}

/** Uploads a picture that the reader gave, when it is one that Darkroom takes. */
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

/** By its type, or by its name where the browser knows no type, as for HEIC. */
function toUploadType(file: File): UploadType | undefined {
  const words = Object.keys(uploadTypes) as UploadType[]; // the table's own keys
  const ending = file.name.split('.').at(-1)?.toLowerCase();
  return (
    words.find((word) => uploadTypes[word] === file.type) ?? words.find((word) => file.type === '' && word === ending)
  );
}
