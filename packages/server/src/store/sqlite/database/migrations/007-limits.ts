/**
 * What keeps one caller from filling the service.
 *
 * An upload has a row from the time at which its address was given out. `counted_bytes` is what it counts in `upload_totals`,
 * until a request uses it or it is forgotten. `ends_at` is when its time is over; NULL: it stays, since a request uses it. While
 * a process removes it (`is_ended`), `ends_at` is when another process may do so.
 *
 * `webhook_news` holds what webhooks are still to be told: one row for an event, however many endpoints there are. It becomes
 * deliveries afterwards, in the order of `seq`. Endpoints up to `after_endpoint` have theirs, and so has the request's own URL
 * when `after_endpoint` is not empty. An endpoint is told what happens after `told_after`, the last event when it was created.
 */
export const limits = `
CREATE TABLE uploads (
  name TEXT NOT NULL PRIMARY KEY,
  organization_id TEXT NOT NULL,
  api_key_id TEXT NOT NULL,
  via TEXT NOT NULL CHECK (via IN ('service', 'bucket')),
  counted_bytes INTEGER NOT NULL,
  sha256 TEXT,
  ends_at INTEGER,
  is_used INTEGER NOT NULL DEFAULT 0 CHECK (is_used IN (0, 1)),
  is_ended INTEGER NOT NULL DEFAULT 0 CHECK (is_ended IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX uploads_ending ON uploads (ends_at) WHERE ends_at IS NOT NULL;

CREATE TABLE upload_totals (
  scope TEXT NOT NULL CHECK (scope IN ('key', 'organization')),
  id TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

ALTER TABLE webhook_endpoints ADD COLUMN told_after INTEGER NOT NULL DEFAULT 0;
CREATE INDEX webhook_endpoints_in_order ON webhook_endpoints (organization_id, id);

CREATE TABLE webhook_news (
  seq INTEGER PRIMARY KEY,
  request_id TEXT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
  organization_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  event TEXT NOT NULL,
  after_endpoint TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX webhook_news_by_request ON webhook_news (request_id);
`;
