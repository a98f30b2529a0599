/**
 * The claim grants calls: a line of the attempt log says on which upstream, and when the call was sent. `model` is the upstream's
 * id of the model. A line has a lease that is separate from its request's, since the request may move on (a cancel) while the
 * call runs to its end. Lines from before this migration were all sent, on an upstream that was not recorded.
 *
 * The columns behind the keys of the indexes make the indexes covering: a claim counts what is under way without reading the
 * lines themselves.
 *
 * `upstreams` holds the remembered state of an upstream (`UpstreamState`, as JSON); a key without a row is healthy.
 */
export const upstreamPool = `
ALTER TABLE requests ADD COLUMN retry_code TEXT CHECK (retry_code IS NULL OR status = 'queued');

ALTER TABLE attempts ADD COLUMN upstream TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN model TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN sent_at INTEGER;
ALTER TABLE attempts ADD COLUMN lease_expires_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN estimated_micros INTEGER NOT NULL DEFAULT 0;

UPDATE attempts SET sent_at = started_at;
UPDATE attempts SET lease_expires_at = coalesce(
  (SELECT lease_expires_at FROM requests WHERE id = attempts.request_id AND lease_token = attempts.lease_token), 0
) WHERE result IS NULL;

CREATE INDEX attempts_under_way ON attempts (upstream, model, sent_at, result) WHERE result IS NULL;
CREATE INDEX attempts_by_sent ON attempts (upstream, model, sent_at) WHERE sent_at IS NOT NULL;
CREATE INDEX attempts_leased ON attempts (lease_expires_at) WHERE result IS NULL;

DROP INDEX lanes_by_turn;
CREATE INDEX lanes_ready ON lanes (model, turn) WHERE ready > 0;

CREATE TABLE upstreams (
  upstream TEXT NOT NULL,
  model TEXT NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (upstream, model)
) STRICT, WITHOUT ROWID;
`;
