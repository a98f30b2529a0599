import type { InlinePicture, KeptAnswer } from '../../core/image-request.ts';
import type { PictureFile, StoredPicture } from '../../core/stored-picture.ts';

/** A picture's name and the answer that brought it, as JSON. */
export interface NamedAnswerRow {
  readonly name: string;
  readonly answer: string;
}

/** The pictures of these names, taken from their answers. */
export function toStoredPictures(rows: readonly (NamedAnswerRow | undefined)[]): readonly StoredPicture[] {
  return rows.flatMap((row) => {
    if (!row) return [];
    const { parts }: KeptAnswer = JSON.parse(row.answer);
    return parts.flatMap((part) => (part.kind === 'picture' && part.picture.name === row.name ? [part.picture] : []));
  });
}

/** The first `limit` pictures of two lists that are both in the order of names. */
export function mergeByName(
  left: readonly PictureFile[],
  right: readonly PictureFile[],
  limit: number,
): readonly PictureFile[] {
  return [...left, ...right].sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, limit);
}

/** A row for each inline picture that came with the request and whose length is known. */
export function toSentPictures(inline: readonly InlinePicture[]): readonly PictureFile[] {
  return inline.flatMap(({ name, bytes, isKnown }) => (bytes === undefined || isKnown ? [] : [{ name, bytes }]));
}
