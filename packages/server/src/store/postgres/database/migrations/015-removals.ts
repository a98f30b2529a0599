/**
 * What goes, and what is left of it. `store/sqlite/database/migrations/015-removals.ts` says more.
 *
 * Differs from the twin because removed rows leave dead ones behind: the tables that shrink are vacuumed after a small share of
 * them has gone, so that they stay as large as what they hold. `webhook_news.request_id` gets the collation of the ids that it is
 * compared with, without which no index is used.
 */
export const removals = `
ALTER TABLE requests ADD COLUMN retain_ms bigint;
ALTER TABLE requests ADD COLUMN is_bare boolean NOT NULL DEFAULT false;

CREATE INDEX requests_ended ON requests (organization_id, status, is_bare, updated_at, id)
  WHERE status NOT IN ('queued', 'processing');
CREATE INDEX requests_expiring ON requests ((updated_at + retain_ms), id)
  WHERE retain_ms IS NOT NULL AND status NOT IN ('queued', 'processing');

CREATE TABLE picture_uses (
  name text COLLATE "C" NOT NULL,
  request_id text COLLATE "C" NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
  PRIMARY KEY (name, request_id)
);

CREATE INDEX picture_uses_by_request ON picture_uses (request_id);
CREATE INDEX uploads_by_organization ON uploads (organization_id);

CREATE TABLE tombstones (
  request_id text COLLATE "C" PRIMARY KEY,
  organization_id text COLLATE "C" NOT NULL,
  api_key_id text COLLATE "C" NOT NULL,
  model text COLLATE "C" NOT NULL,
  wire text NOT NULL,
  status text COLLATE "C" NOT NULL CHECK (status IN ('success', 'failed', 'cancelled')),
  cost_micros bigint NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  removed_at bigint NOT NULL,
  ends_at bigint NOT NULL
);

CREATE INDEX tombstones_ending ON tombstones (ends_at);

CREATE TABLE removed_media (
  name text COLLATE "C" PRIMARY KEY,
  due_at bigint,
  ends_at bigint
);

CREATE INDEX removed_media_due ON removed_media (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX removed_media_ending ON removed_media (ends_at) WHERE due_at IS NULL AND ends_at IS NOT NULL;

ALTER TABLE webhook_news ALTER COLUMN request_id TYPE text COLLATE "C";

ALTER TABLE payloads SET (autovacuum_vacuum_scale_factor = 0.02, toast.autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE pictures SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE sent_pictures SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE picture_hashes SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE picture_uses SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE events SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE idempotency_keys SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE webhook_deliveries SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE tombstones SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE removed_media SET (autovacuum_vacuum_scale_factor = 0.02);
`;
