/**
 * How many requests of all organizations ended in each of the last minutes. `store/sqlite/database/migrations/006-minutes.ts`
 * says more.
 *
 * A transaction that counts holds the event counter (migration 005), so no two writers meet in a row.
 */
export const minutes = `
CREATE TABLE minutes (
  at bigint PRIMARY KEY,
  success bigint NOT NULL,
  failed bigint NOT NULL,
  cancelled bigint NOT NULL
) WITH (fillfactor = 50);

CREATE FUNCTION follow_minute() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM minutes WHERE at < new.at - 7200000;
  RETURN NULL;
END $$;

CREATE TRIGGER minutes_followed AFTER INSERT ON minutes FOR EACH ROW EXECUTE FUNCTION follow_minute();
`;
