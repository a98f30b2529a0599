import type { InlinePicture, KeptAnswer } from '../../core/image-request.ts';
import type { ListedPicture, PictureFile, StoredPicture } from '../../core/stored-picture.ts';
import { toRequestMedia } from '../decisions/removals.ts';

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

/** The same for lists, in which a damaged answer hides no other. */
export function toListedPictures(rows: readonly NamedAnswerRow[]): readonly ListedPicture[] {
  return rows.map(({ name, answer }) => {
    const { made, keys } = toRequestMedia([answer], null);
    const picture = made.find((one) => one.name === name);
    return { name, bytes: undefined, ...picture, ...(keys.length > 0 && { otherKeys: keys }) };
  });
}

/** The first `limit` pictures of two lists that are both in the order of names. */
export function mergeByName(
  left: readonly ListedPicture[],
  right: readonly ListedPicture[],
  limit: number,
): readonly ListedPicture[] {
  return [...left, ...right].sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, limit);
}

/** A row for each inline picture that came with the request and whose length is known. */
export function toSentPictures(inline: readonly InlinePicture[]): readonly PictureFile[] {
  return inline.flatMap(({ name, bytes, isKnown }) => (bytes === undefined || isKnown ? [] : [{ name, bytes }]));
}
