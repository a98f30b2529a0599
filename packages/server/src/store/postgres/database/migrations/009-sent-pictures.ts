/** The pictures that callers sent. `store/sqlite/database/migrations/009-sent-pictures.ts` says more. */
export const sentPictures = `
CREATE TABLE sent_pictures (
  name text COLLATE "C" NOT NULL PRIMARY KEY,
  bytes bigint NOT NULL
);
`;
