/**
 * People who sign in, and their sessions. A person has a row among the keys, by which requests, budgets and limits know them.
 * `sessions.ends_at` moves on while a session is used, but never past `expires_at`; it is in the past when the session has ended.
 */
export const sessions = `
ALTER TABLE api_keys ADD COLUMN person_issuer TEXT;
ALTER TABLE api_keys ADD COLUMN person_subject TEXT;
ALTER TABLE api_keys ADD COLUMN person_roles TEXT;

CREATE UNIQUE INDEX api_keys_by_person ON api_keys (person_issuer, person_subject) WHERE person_subject IS NOT NULL;

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  secret_hash TEXT NOT NULL,
  api_key_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  address TEXT NOT NULL,
  browser TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_end ON sessions (ends_at);
`;
