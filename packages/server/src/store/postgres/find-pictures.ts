import type { StoredPicture } from '../../core/stored-picture.ts';
import { type NamedAnswerRow, toStoredPictures } from '../picture-rows.ts';
import type { PicturesQuery } from '../request-store.ts';
import type { Session } from './session.ts';
import { toStatement } from './statement.ts';

/** From the picture's name to the line of the attempt log: two walks of primary keys. */
const selectPicture = toStatement<NamedAnswerRow>(
  `SELECT name, answer FROM pictures JOIN attempts USING (request_id, number, image_index) WHERE name = $1`,
);

/** One walk of the primary key, from name to name. */
const selectPictures = toStatement<NamedAnswerRow>(
  `SELECT name, answer FROM pictures JOIN attempts USING (request_id, number, image_index)
   WHERE name > $1 ORDER BY name LIMIT $2`,
);

export async function findPicture(session: Session, name: string): Promise<StoredPicture | undefined> {
  return toStoredPictures([await session.get(selectPicture, name)])[0];
}

export async function listPictures(
  session: Session,
  { after = '', limit }: PicturesQuery,
): Promise<readonly StoredPicture[]> {
  return toStoredPictures(await session.all(selectPictures, after, limit));
}
