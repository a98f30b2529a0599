/** API keys and the service's own secrets, as in SQLite. */
export const apiKeys = `
CREATE TABLE api_keys (
  id text COLLATE "C" PRIMARY KEY,
  name text NOT NULL,
  secret_hash text NOT NULL,
  is_admin boolean NOT NULL,
  requests_per_minute bigint,
  organization_ids text NOT NULL,
  created_at bigint NOT NULL,
  revoked_at bigint
);

CREATE TABLE secrets (
  name text COLLATE "C" PRIMARY KEY,
  value text NOT NULL
);
`;
