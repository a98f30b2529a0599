import type { KeptAnswer } from '../core/image-request.ts';
import type { StoredPicture } from '../core/stored-picture.ts';

/** A picture's name and the answer that brought it, as JSON. */
export interface NamedAnswerRow {
  readonly name: string;
  readonly answer: string;
}

/** The pictures of these names, out of their answers. */
export function toStoredPictures(rows: readonly (NamedAnswerRow | undefined)[]): readonly StoredPicture[] {
  return rows.flatMap((row) => {
    if (!row) return [];
    const { parts }: KeptAnswer = JSON.parse(row.answer);
    return parts.flatMap((part) => (part.kind === 'picture' && part.picture.name === row.name ? [part.picture] : []));
  });
}
