/**
 * The pictures that callers sent, inside a payload or as uploads, and their lengths. A picture has a row once the storage has all
 * of it, so a missing picture or another length is a loss. Earlier pictures have no row, and neither have uploads that a bucket
 * took by itself.
 */
export const sentPictures = `
CREATE TABLE sent_pictures (
  name TEXT NOT NULL PRIMARY KEY,
  bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
