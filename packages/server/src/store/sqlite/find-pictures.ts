import type { DatabaseSync } from 'node:sqlite';
import type { StoredPicture } from '../../core/stored-picture.ts';
import { type NamedAnswerRow, toStoredPictures } from '../picture-rows.ts';
import type { PicturesQuery } from '../request-store.ts';
import { prepareQuery } from './query.ts';

/** From the picture's name to the line of the attempt log: two walks of primary keys. */
export function prepareFindPicture(db: DatabaseSync): (name: string) => StoredPicture | undefined {
  const select = prepareQuery<NamedAnswerRow>(
    db,
    `SELECT name, answer FROM pictures JOIN attempts USING (request_id, number, image_index) WHERE name = ?`,
  );
  return (name) => toStoredPictures([select.get(name)])[0];
}

/** One walk of the primary key, from name to name. */
export function prepareListPictures(db: DatabaseSync): (query: PicturesQuery) => readonly StoredPicture[] {
  const select = prepareQuery<NamedAnswerRow>(
    db,
    `SELECT name, answer FROM pictures JOIN attempts USING (request_id, number, image_index)
     WHERE name > ? ORDER BY name LIMIT ?`,
  );
  return ({ after = '', limit }) => toStoredPictures(select.all(after, limit));
}
