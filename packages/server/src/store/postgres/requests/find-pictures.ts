import type { ListedPicture, PictureFile } from '../../../core/stored-picture.ts';
import type { PicturesQuery } from '../../request-store.ts';
import { mergeByName, type NamedAnswerRow, toListedPictures, toStoredPictures } from '../../rows/picture-rows.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

/** From an answer, or sent by a caller. */
type FoundRow = NamedAnswerRow | (PictureFile & { readonly answer: null });

/**
 * From the picture's name to the line of the attempt log takes two walks of primary keys; for a picture that a caller sent, one
 * walk more. It is one statement, since a round trip costs more than the walk; it ends with the first row.
 */
export const selectPicture = toStatement<FoundRow>(
  `SELECT name, answer, NULL::bigint AS bytes FROM pictures JOIN attempts USING (request_id, number, image_index) WHERE name = $1
   UNION ALL SELECT name, NULL, bytes FROM sent_pictures WHERE name = $1
   LIMIT 1`,
);

/** One walk of each primary key, from name to name. */
export const selectPictures = toStatement<NamedAnswerRow>(
  `SELECT name, answer FROM pictures JOIN attempts USING (request_id, number, image_index)
   WHERE name > $1 ORDER BY name LIMIT $2`,
);
export const selectSentPictures = toStatement<PictureFile>(
  'SELECT name, bytes FROM sent_pictures WHERE name > $1 ORDER BY name LIMIT $2',
);

export async function findPicture(session: Session, name: string): Promise<PictureFile | undefined> {
  const row = await session.get(selectPicture, name);
  return row?.answer === null ? { name, bytes: row.bytes } : toStoredPictures([row])[0];
}

export const selectPictureByHash = toStatement<{ readonly name: string }>(
  'SELECT name FROM picture_hashes WHERE organization_id = $1 AND sha256 = $2',
);

export async function findPictureByHash(
  session: Session,
  organizationId: string,
  sha256: string,
): Promise<string | undefined> {
  return (await session.get(selectPictureByHash, organizationId, sha256))?.name;
}

export async function listPictures(
  session: Session,
  { after = '', limit }: PicturesQuery,
): Promise<readonly ListedPicture[]> {
  const [made, sent] = await Promise.all([
    session.all(selectPictures, after, limit),
    session.all(selectSentPictures, after, limit),
  ]);
  return mergeByName(toListedPictures(made), sent, limit);
}
