/**
 * The history of requests, and the outbox of webhooks that follows from it.
 *
 * `events.seq` grows in the order of commits, since SQLite has one writer, and AUTOINCREMENT never reuses a number, even when the
 * last events were removed with their request. Both indexes end with it, so that readers continue where they were. Earlier
 * requests get the moments that are known of them: a reader must find how a request has ended.
 *
 * A delivery's `endpoint_id` is empty for a request's own URL. A line is what one request has to tell one address. Only its first
 * pending delivery has a `due_at`: `next_at`, or the end of its lease, which is later. So a search for due deliveries never reads
 * those that wait behind others. `number` grows in the order of `seq`.
 *
 * A lane is what waits for one endpoint, or for the own URLs of an organization's requests. `due_at` is that of its first
 * delivery, but not before the time at which the lane was served last, so that a lane with a long backlog goes behind the others.
 * A paused lane has none, which pauses any number of deliveries at once. It may be too early when deliveries were removed with
 * their request, and is never too late.
 */
export const history = `
CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  request_id TEXT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
  organization_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  moment TEXT NOT NULL
) STRICT;

CREATE INDEX events_by_request ON events (request_id);
CREATE INDEX events_by_organization ON events (organization_id);

INSERT INTO events (request_id, organization_id, at, moment)
SELECT id, organization_id, created_at, json_object('kind', 'queued') FROM requests ORDER BY seq;

INSERT INTO events (request_id, organization_id, at, moment)
SELECT id, organization_id, updated_at, CASE status
  WHEN 'queued' THEN json_object('kind', 'retrying', 'code', retry_code, 'availableAt', available_at)
  WHEN 'processing' THEN json_object(
    'kind', 'claimed',
    'attempt', attempt,
    'upstream', coalesce((SELECT upstream FROM attempts WHERE request_id = id AND number = attempt LIMIT 1), ''),
    'calls', (SELECT count(*) FROM attempts WHERE request_id = id AND number = attempt)
  )
  WHEN 'success' THEN json_object('kind', 'succeeded', 'pictures', json_array_length(outcome, '$.pictures'))
  WHEN 'failed' THEN json_object('kind', 'failed', 'code', failure_code)
  WHEN 'cancelled' THEN json_object('kind', 'cancelled')
END
FROM requests WHERE status <> 'queued' OR retry_code IS NOT NULL ORDER BY updated_at, seq;

ALTER TABLE requests ADD COLUMN webhook TEXT;

CREATE TABLE webhook_endpoints (
  id TEXT NOT NULL PRIMARY KEY,
  organization_id TEXT NOT NULL,
  url TEXT NOT NULL,
  events TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  secret_version INTEGER NOT NULL,
  old_secret_until INTEGER,
  failures INTEGER NOT NULL,
  failing_since INTEGER,
  paused_at INTEGER,
  pause_reason TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX webhook_endpoints_by_organization ON webhook_endpoints (organization_id, created_at);

CREATE TABLE webhook_secrets (
  organization_id TEXT NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL,
  old_until INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE webhook_deliveries (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  organization_id TEXT NOT NULL,
  request_id TEXT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
  endpoint_id TEXT NOT NULL,
  url TEXT NOT NULL,
  event TEXT NOT NULL,
  seq INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'failed')),
  tries INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  due_at INTEGER CHECK (due_at IS NULL OR status = 'pending'),
  last_try TEXT
) STRICT;

CREATE INDEX webhook_deliveries_by_request ON webhook_deliveries (request_id);
CREATE INDEX webhook_deliveries_by_lane ON webhook_deliveries (organization_id, endpoint_id, status);
CREATE INDEX webhook_deliveries_in_line ON webhook_deliveries (request_id, endpoint_id, number) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (organization_id, endpoint_id, due_at)
  WHERE due_at IS NOT NULL;

CREATE TABLE webhook_lanes (
  organization_id TEXT NOT NULL,
  endpoint_id TEXT NOT NULL,
  served_at INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER,
  is_paused INTEGER NOT NULL DEFAULT 0 CHECK (is_paused IN (0, 1)),
  PRIMARY KEY (organization_id, endpoint_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX webhook_lanes_due ON webhook_lanes (due_at) WHERE is_paused = 0 AND due_at IS NOT NULL;
`;
