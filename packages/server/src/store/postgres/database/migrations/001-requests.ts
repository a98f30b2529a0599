/**
 * Requests, their payloads, their attempt log and the lanes that they wait in. `store/sqlite/database/migrations/001-requests.ts`
 * explains lanes, `ready` and `payloads.work`; names and columns are the same here, so that rows can be copied.
 *
 * Ids and names have the collation "C", so that they sort as in SQLite and in JavaScript. JSON is kept as text, since `jsonb`
 * refuses U+0000, which a model may return; that is why `failure_code` is a column that is written with the outcome.
 *
 * Differs from the twin because writers run concurrently. A transaction that changes requests locks their lanes first, in order
 * (`lock-requests.ts`), so triggers can count in lanes without a deadlock. They count once a statement, not once a row. The index
 * is on `has_ready` instead of `ready > 0`: while a lane stays ready, its counts change in place (a HOT update), and no index has
 * to grow.
 */
export const requests = `
CREATE TABLE requests (
  id text COLLATE "C" PRIMARY KEY,
  organization_id text COLLATE "C" NOT NULL,
  api_key_id text COLLATE "C" NOT NULL,
  model text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL CHECK (status IN ('queued', 'processing', 'success', 'failed', 'cancelled')),
  ready boolean NOT NULL,
  priority bigint NOT NULL,
  attempt bigint NOT NULL,
  available_at bigint NOT NULL,
  retry_code text,
  lease_token text,
  lease_expires_at bigint,
  worker text,
  estimated_cost_micros bigint NOT NULL,
  cost_micros bigint NOT NULL,
  created_at bigint NOT NULL,
  queued_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  deadline_at bigint NOT NULL,
  outcome text,
  failure_code text COLLATE "C",
  CHECK (NOT ready OR status = 'queued'),
  CHECK ((status = 'processing') = (lease_token IS NOT NULL)),
  CHECK ((lease_token IS NULL) = (lease_expires_at IS NULL)),
  CHECK ((lease_token IS NULL) = (worker IS NULL)),
  CHECK (CASE WHEN status IN ('success', 'failed') THEN outcome IS NOT NULL ELSE status = 'cancelled' OR outcome IS NULL END),
  CHECK ((status = 'failed') = (failure_code IS NOT NULL)),
  CHECK (retry_code IS NULL OR status = 'queued')
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

CREATE TABLE payloads (
  request_id text COLLATE "C" PRIMARY KEY REFERENCES requests (id) ON DELETE CASCADE,
  payload text NOT NULL,
  inline text,
  work text NOT NULL
);

CREATE INDEX requests_by_lane ON requests (organization_id, model, status, id);
CREATE INDEX requests_ready ON requests (organization_id, model, priority DESC, id) WHERE ready;
CREATE INDEX requests_waiting ON requests (available_at) WHERE status = 'queued' AND NOT ready;
CREATE INDEX requests_leased ON requests (lease_expires_at) WHERE status = 'processing';
CREATE INDEX requests_by_deadline ON requests (deadline_at) WHERE status = 'queued';

CREATE TABLE attempts (
  request_id text COLLATE "C" NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
  number bigint NOT NULL,
  image_index bigint NOT NULL,
  lease_token text NOT NULL,
  worker text NOT NULL,
  upstream text COLLATE "C" NOT NULL,
  model text COLLATE "C" NOT NULL,
  started_at bigint NOT NULL,
  sent_at bigint,
  lease_expires_at bigint NOT NULL,
  ended_at bigint,
  result text CHECK (result IN ('succeeded', 'failed', 'lost', 'interrupted')),
  estimated_micros bigint NOT NULL,
  cost_micros bigint NOT NULL,
  is_possibly_billed boolean NOT NULL,
  failure text,
  answer text,
  usage text,
  model_version text,
  response_id text,
  PRIMARY KEY (request_id, number, image_index),
  CHECK ((result IS NULL) = (ended_at IS NULL))
) WITH (autovacuum_vacuum_scale_factor = 0.02);

CREATE INDEX attempts_under_way ON attempts (upstream, model) WHERE result IS NULL;
CREATE INDEX attempts_by_sent ON attempts (upstream, model, sent_at) WHERE sent_at IS NOT NULL;
CREATE INDEX attempts_leased ON attempts (lease_expires_at) WHERE result IS NULL;

CREATE TABLE pictures (
  name text COLLATE "C" PRIMARY KEY,
  request_id text COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  image_index bigint NOT NULL,
  FOREIGN KEY (request_id, number, image_index) REFERENCES attempts ON DELETE CASCADE
);

CREATE INDEX pictures_by_attempt ON pictures (request_id, number, image_index);

CREATE TABLE lanes (
  organization_id text COLLATE "C" NOT NULL,
  model text COLLATE "C" NOT NULL,
  turn bigint NOT NULL DEFAULT 0,
  ready bigint NOT NULL DEFAULT 0,
  has_ready boolean NOT NULL GENERATED ALWAYS AS (ready > 0) STORED,
  queued bigint NOT NULL DEFAULT 0,
  processing bigint NOT NULL DEFAULT 0,
  success bigint NOT NULL DEFAULT 0,
  failed bigint NOT NULL DEFAULT 0,
  cancelled bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (organization_id, model)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500);

CREATE INDEX lanes_ready ON lanes (model, turn, organization_id) WHERE has_ready;

CREATE SEQUENCE turns INCREMENT BY 10000;

CREATE FUNCTION count_requests() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO lanes (organization_id, model) SELECT DISTINCT organization_id, model FROM new_rows ORDER BY 1, 2
    ON CONFLICT DO NOTHING;
    ${addToLanes(`SELECT organization_id, model, status, ready, 1 AS sign FROM new_rows`)};
  ELSIF TG_OP = 'UPDATE' THEN
    ${addToLanes(`SELECT organization_id, model, status, ready, 1 AS sign FROM new_rows
      UNION ALL SELECT organization_id, model, status, ready, -1 FROM old_rows`)};
  ELSE
    ${addToLanes(`SELECT organization_id, model, status, ready, -1 AS sign FROM old_rows`)};
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER requests_counted AFTER INSERT ON requests
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_requests();
CREATE TRIGGER requests_recounted AFTER UPDATE ON requests
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_requests();
CREATE TRIGGER requests_discounted AFTER DELETE ON requests
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION count_requests();
`;

/** Does nothing when the rows of a lane have stayed as they were. */
function addToLanes(rows: string): string {
  const counts = ['queued', 'processing', 'success', 'failed', 'cancelled'];
  const sums = [
    'coalesce(sum(sign) FILTER (WHERE ready), 0) AS ready',
    ...counts.map((status) => `coalesce(sum(sign) FILTER (WHERE status = '${status}'), 0) AS ${status}`),
  ];
  const additions = ['ready', ...counts].map((name) => `${name} = lanes.${name} + change.${name}`);
  return `UPDATE lanes SET ${additions.join(', ')}
    FROM (SELECT organization_id, model, ${sums.join(', ')} FROM (${rows}) AS changed GROUP BY 1, 2) AS change
    WHERE lanes.organization_id = change.organization_id AND lanes.model = change.model
      AND (${['ready', ...counts].map((name) => `change.${name}`).join(', ')}) <> (0, 0, 0, 0, 0, 0)`;
}
