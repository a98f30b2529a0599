/**
 * How many requests of all organizations ended in each of the last minutes, counted where their last moment is written. `at` is
 * the beginning of a minute. A new minute removes those that are two hours older, so the table stays at one page.
 */
export const minutes = `
CREATE TABLE minutes (
  at INTEGER PRIMARY KEY,
  success INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  cancelled INTEGER NOT NULL
) STRICT;

CREATE TRIGGER minutes_followed AFTER INSERT ON minutes BEGIN
  DELETE FROM minutes WHERE at < new.at - 7200000;
END;
`;
