/**
 * Requests, their payloads, their attempt log and the lanes that they wait in.
 *
 * A payload has a separate table because it may hold pictures of several megabytes, and SQLite writes a whole row whenever one of
 * its columns changes: a claim, a renewal or a settlement never rewrites the payload.
 *
 * `payloads.work` is the order that the worker carries out: the payload after its checks. Readers never touch it, and workers
 * never parse the payload.
 *
 * `ready` is 1 for a queued request that is due. It is a column, and not a comparison with the time, so that partial indexes can
 * hold the ready requests in the order of claims and the waiting ones in the order of their time.
 *
 * A lane is the queue of one organization and one model. It counts its requests in each status, so that a list knows its total
 * without counting. It counts the ready ones, so that a claim meets no empty lane. And it holds the turn of its organization, the
 * same in all lanes of the organization: the smallest goes next. Triggers keep the counts, so no statement can forget them.
 */
export const requests = `
CREATE TABLE requests (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  organization_id TEXT NOT NULL,
  api_key_id TEXT NOT NULL,
  model TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('queued', 'processing', 'success', 'failed', 'cancelled')),
  ready INTEGER NOT NULL CHECK (ready IN (0, 1)),
  priority INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  available_at INTEGER NOT NULL,
  lease_token TEXT,
  lease_expires_at INTEGER,
  worker TEXT,
  estimated_cost_micros INTEGER NOT NULL,
  cost_micros INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  queued_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deadline_at INTEGER NOT NULL,
  outcome TEXT,
  CHECK (ready = 0 OR status = 'queued'),
  CHECK ((status = 'processing') = (lease_token IS NOT NULL)),
  CHECK ((lease_token IS NULL) = (lease_expires_at IS NULL)),
  CHECK ((lease_token IS NULL) = (worker IS NULL)),
  CHECK (CASE WHEN status IN ('success', 'failed') THEN outcome IS NOT NULL ELSE status = 'cancelled' OR outcome IS NULL END)
) STRICT;

CREATE TABLE payloads (
  seq INTEGER PRIMARY KEY REFERENCES requests (seq) ON DELETE CASCADE,
  payload TEXT NOT NULL,
  inline TEXT,
  work TEXT NOT NULL
) STRICT;

CREATE INDEX requests_by_lane ON requests (organization_id, model, status, id);
CREATE INDEX requests_ready ON requests (organization_id, model, priority DESC, id) WHERE ready = 1;
CREATE INDEX requests_waiting ON requests (available_at) WHERE status = 'queued' AND ready = 0;
CREATE INDEX requests_leased ON requests (lease_expires_at) WHERE status = 'processing';
CREATE INDEX requests_by_deadline ON requests (deadline_at) WHERE status = 'queued';

CREATE TABLE attempts (
  request_id TEXT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  image_index INTEGER NOT NULL,
  lease_token TEXT NOT NULL,
  worker TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  result TEXT CHECK (result IN ('succeeded', 'failed', 'lost', 'interrupted')),
  cost_micros INTEGER NOT NULL,
  is_possibly_billed INTEGER NOT NULL CHECK (is_possibly_billed IN (0, 1)),
  failure TEXT,
  answer TEXT,
  usage TEXT,
  model_version TEXT,
  response_id TEXT,
  PRIMARY KEY (request_id, number, image_index),
  CHECK ((result IS NULL) = (ended_at IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE pictures (
  name TEXT PRIMARY KEY,
  request_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  image_index INTEGER NOT NULL,
  FOREIGN KEY (request_id, number, image_index) REFERENCES attempts ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX pictures_by_attempt ON pictures (request_id, number, image_index);

CREATE TABLE lanes (
  organization_id TEXT NOT NULL,
  model TEXT NOT NULL,
  turn INTEGER NOT NULL DEFAULT 0,
  ready INTEGER NOT NULL DEFAULT 0,
  queued INTEGER NOT NULL DEFAULT 0,
  processing INTEGER NOT NULL DEFAULT 0,
  success INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  cancelled INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (organization_id, model)
) STRICT, WITHOUT ROWID;

CREATE INDEX lanes_by_turn ON lanes (turn) WHERE ready > 0;

CREATE TABLE last_turn (turn INTEGER NOT NULL) STRICT;
INSERT INTO last_turn (turn) VALUES (0);

CREATE TRIGGER requests_counted AFTER INSERT ON requests BEGIN
  INSERT INTO lanes (organization_id, model, turn)
  VALUES (
    new.organization_id,
    new.model,
    coalesce((SELECT turn FROM lanes WHERE organization_id = new.organization_id LIMIT 1), 0)
  )
  ON CONFLICT DO NOTHING;
  UPDATE lanes SET
    ready = ready + new.ready,
    queued = queued + (new.status = 'queued'),
    processing = processing + (new.status = 'processing'),
    success = success + (new.status = 'success'),
    failed = failed + (new.status = 'failed'),
    cancelled = cancelled + (new.status = 'cancelled')
  WHERE organization_id = new.organization_id AND model = new.model;
END;

CREATE TRIGGER requests_recounted AFTER UPDATE OF status, ready ON requests BEGIN
  UPDATE lanes SET
    ready = ready + new.ready - old.ready,
    queued = queued + (new.status = 'queued') - (old.status = 'queued'),
    processing = processing + (new.status = 'processing') - (old.status = 'processing'),
    success = success + (new.status = 'success') - (old.status = 'success'),
    failed = failed + (new.status = 'failed') - (old.status = 'failed'),
    cancelled = cancelled + (new.status = 'cancelled') - (old.status = 'cancelled')
  WHERE organization_id = new.organization_id AND model = new.model;
END;

CREATE TRIGGER requests_discounted AFTER DELETE ON requests BEGIN
  UPDATE lanes SET
    ready = ready - old.ready,
    queued = queued - (old.status = 'queued'),
    processing = processing - (old.status = 'processing'),
    success = success - (old.status = 'success'),
    failed = failed - (old.status = 'failed'),
    cancelled = cancelled - (old.status = 'cancelled')
  WHERE organization_id = old.organization_id AND model = old.model;
END;
`;
