/**
 * What the wires of other APIs need. A request says by which wire it came; all earlier ones came by the queue's.
 *
 * An open call is a call that waits for the end of the request that it made, with the number of `clients` that wait. `left_at` is
 * when the last of them went without its answer; NULL while some wait. The row is removed when a client has its answer.
 *
 * A key with `cancel_when_gone` cancels requests that are still queued when all clients of their open call have gone.
 *
 * `picture_hashes` finds the newest picture of an organization that has these bytes at its URL. Earlier pictures have no row.
 */
export const wires = `
ALTER TABLE requests ADD COLUMN wire TEXT NOT NULL DEFAULT 'queue';

ALTER TABLE api_keys ADD COLUMN cancel_when_gone INTEGER NOT NULL DEFAULT 0 CHECK (cancel_when_gone IN (0, 1));

CREATE TABLE open_calls (
  request_id TEXT NOT NULL PRIMARY KEY REFERENCES requests (id) ON DELETE CASCADE,
  api_key_id TEXT NOT NULL,
  hash TEXT NOT NULL,
  clients INTEGER NOT NULL,
  left_at INTEGER,
  created_at INTEGER NOT NULL,
  CHECK ((clients = 0) = (left_at IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX open_calls_by_call ON open_calls (api_key_id, hash, created_at);
CREATE INDEX open_calls_by_age ON open_calls (created_at);

CREATE TABLE picture_hashes (
  organization_id TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (organization_id, sha256)
) STRICT, WITHOUT ROWID;
`;
