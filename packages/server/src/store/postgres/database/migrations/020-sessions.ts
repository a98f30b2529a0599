/** People who sign in, and their sessions. `store/sqlite/database/migrations/020-sessions.ts` says more. */
export const sessions = `
ALTER TABLE api_keys ADD COLUMN person_issuer text;
ALTER TABLE api_keys ADD COLUMN person_subject text;
ALTER TABLE api_keys ADD COLUMN person_roles text;

CREATE UNIQUE INDEX api_keys_by_person ON api_keys (person_issuer, person_subject) WHERE person_subject IS NOT NULL;

CREATE TABLE sessions (
  id text COLLATE "C" PRIMARY KEY,
  secret_hash text NOT NULL,
  api_key_id text NOT NULL,
  created_at bigint NOT NULL,
  last_seen_at bigint NOT NULL,
  ends_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  address text NOT NULL,
  browser text NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02);

CREATE INDEX sessions_by_end ON sessions (ends_at);
`;
