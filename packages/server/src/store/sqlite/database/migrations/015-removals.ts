/**
 * What goes, and what is left of it.
 *
 * `requests.retain_ms` is what the submit asked for: how long the request is kept after its end, at most. `is_bare` is 1 when its
 * pictures went before its record. `requests_ended` is the order in which ended requests go: for each organization and status,
 * the one that ended first comes first. Only ended rows are in both indexes.
 *
 * `picture_uses` says which requests refer to a stored picture that is not their own result: uploads, and pictures of earlier
 * turns. An upload goes with the last request that uses it; a picture is not pruned while an open request may read it. Requests
 * of before this migration have no rows, so their uploads stay until somebody deletes them.
 *
 * A tombstone is what is left of a removed request: it answers the same idempotency key, until `ends_at`.
 *
 * `removed_media` has what the storage must let go of: the name of a picture, or the key of another object (with a `/`). While its
 * bytes are there, `due_at` is when a process may remove them. Names stay until `ends_at`, so that their URLs can say that the
 * picture was deleted; NULL: as long as the record of the request.
 */
export const removals = `
ALTER TABLE requests ADD COLUMN retain_ms INTEGER;
ALTER TABLE requests ADD COLUMN is_bare INTEGER NOT NULL DEFAULT 0 CHECK (is_bare IN (0, 1));

CREATE INDEX requests_ended ON requests (organization_id, status, is_bare, updated_at, id)
  WHERE status NOT IN ('queued', 'processing');
CREATE INDEX requests_expiring ON requests (updated_at + retain_ms, id)
  WHERE retain_ms IS NOT NULL AND status NOT IN ('queued', 'processing');

CREATE TABLE picture_uses (
  name TEXT NOT NULL,
  request_id TEXT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
  PRIMARY KEY (name, request_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX picture_uses_by_request ON picture_uses (request_id);
CREATE INDEX uploads_by_organization ON uploads (organization_id);

CREATE TABLE tombstones (
  request_id TEXT NOT NULL PRIMARY KEY,
  organization_id TEXT NOT NULL,
  api_key_id TEXT NOT NULL,
  model TEXT NOT NULL,
  wire TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('success', 'failed', 'cancelled')),
  cost_micros INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  removed_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX tombstones_ending ON tombstones (ends_at);

CREATE TABLE removed_media (
  name TEXT NOT NULL PRIMARY KEY,
  due_at INTEGER,
  ends_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX removed_media_due ON removed_media (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX removed_media_ending ON removed_media (ends_at) WHERE due_at IS NULL AND ends_at IS NOT NULL;
`;
