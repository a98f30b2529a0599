/**
 * How many requests of all organizations ended in each of the last minutes, counted where their last moment is written.
 * `at` is where
 * a minute begins. A new one removes those of two hours before it, so the table stays at one page.
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
