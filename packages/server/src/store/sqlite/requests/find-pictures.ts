import type { DatabaseSync } from 'node:sqlite';
import type { ListedPicture, PictureFile } from '../../../core/stored-picture.ts';
import type { PicturesQuery } from '../../request-store.ts';
import { mergeByName, type NamedAnswerRow, toListedPictures, toStoredPictures } from '../../rows/picture-rows.ts';
import { prepareQuery } from '../database/statement.ts';

/**
 * From the picture's name to the line of the attempt log takes two walks of primary keys; for a picture that a caller sent, one
 * walk more.
 */
export function prepareFindPicture(db: DatabaseSync): (name: string) => PictureFile | undefined {
  const select = prepareQuery<NamedAnswerRow>(
    db,
    `SELECT name, answer FROM pictures JOIN attempts USING (request_id, number, image_index) WHERE name = ?`,
  );
  const selectSent = prepareQuery<PictureFile>(db, 'SELECT name, bytes FROM sent_pictures WHERE name = ?');
  return (name) => toStoredPictures([select.get(name)])[0] ?? selectSent.get(name);
}

export function prepareFindPictureByHash(
  db: DatabaseSync,
): (organizationId: string, sha256: string) => string | undefined {
  const select = prepareQuery<{ readonly name: string }>(
    db,
    'SELECT name FROM picture_hashes WHERE organization_id = ? AND sha256 = ?',
  );
  return (organizationId, sha256) => select.get(organizationId, sha256)?.name;
}

/** One walk of each primary key, from name to name. */
export function prepareListPictures(db: DatabaseSync): (query: PicturesQuery) => readonly ListedPicture[] {
  const select = prepareQuery<NamedAnswerRow>(
    db,
    `SELECT name, answer FROM pictures JOIN attempts USING (request_id, number, image_index)
     WHERE name > ? ORDER BY name LIMIT ?`,
  );
  const selectSent = prepareQuery<PictureFile>(
    db,
    'SELECT name, bytes FROM sent_pictures WHERE name > ? ORDER BY name LIMIT ?',
  );
  return ({ after = '', limit }) =>
    mergeByName(toListedPictures(select.all(after, limit)), selectSent.all(after, limit), limit);
}
