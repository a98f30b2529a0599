/**
 * What keeps one caller from filling the service. `store/sqlite/database/migrations/007-limits.ts` says more.
 */
export const limits = `
CREATE TABLE uploads (
  name text NOT NULL PRIMARY KEY,
  organization_id text NOT NULL,
  api_key_id text NOT NULL,
  via text NOT NULL CHECK (via IN ('service', 'bucket')),
  counted_bytes bigint NOT NULL,
  sha256 text,
  ends_at bigint,
  is_used boolean NOT NULL DEFAULT false,
  is_ended boolean NOT NULL DEFAULT false
);

CREATE INDEX uploads_ending ON uploads (ends_at) WHERE ends_at IS NOT NULL;

CREATE TABLE upload_totals (
  scope text NOT NULL CHECK (scope IN ('key', 'organization')),
  id text NOT NULL,
  bytes bigint NOT NULL,
  PRIMARY KEY (scope, id)
);

ALTER TABLE webhook_endpoints ADD COLUMN told_after bigint NOT NULL DEFAULT 0;
CREATE INDEX webhook_endpoints_in_order ON webhook_endpoints (organization_id, id);

CREATE TABLE webhook_news (
  seq bigint PRIMARY KEY,
  request_id text NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
  organization_id text NOT NULL,
  at bigint NOT NULL,
  event text NOT NULL,
  after_endpoint text NOT NULL DEFAULT ''
);

CREATE INDEX webhook_news_by_request ON webhook_news (request_id);
`;
