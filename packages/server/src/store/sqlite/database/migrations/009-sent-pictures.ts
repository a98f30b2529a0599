/**
 * The pictures that callers sent, inside a payload or as uploads, and how long they are: one has a row when the storage has it
 * whole, so that its absence, or another length, is a loss. Those of before have none, and neither have uploads that a bucket took
 * by itself.
 */
export const sentPictures = `
CREATE TABLE sent_pictures (
  name TEXT NOT NULL PRIMARY KEY,
  bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
