/** What the wires of other APIs need. `store/sqlite/database/migrations/010-wires.ts` says more. */
export const wires = `
ALTER TABLE requests ADD COLUMN wire text NOT NULL DEFAULT 'queue';

ALTER TABLE api_keys ADD COLUMN cancel_when_gone boolean NOT NULL DEFAULT false;

CREATE TABLE open_calls (
  request_id text COLLATE "C" PRIMARY KEY REFERENCES requests (id) ON DELETE CASCADE,
  api_key_id text COLLATE "C" NOT NULL,
  hash text COLLATE "C" NOT NULL,
  clients bigint NOT NULL,
  left_at bigint,
  created_at bigint NOT NULL,
  CHECK ((clients = 0) = (left_at IS NOT NULL))
) WITH (autovacuum_vacuum_scale_factor = 0.02);

CREATE INDEX open_calls_by_call ON open_calls (api_key_id, hash, created_at);
CREATE INDEX open_calls_by_age ON open_calls (created_at);

CREATE TABLE picture_hashes (
  organization_id text COLLATE "C" NOT NULL,
  sha256 text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  PRIMARY KEY (organization_id, sha256)
);
`;
