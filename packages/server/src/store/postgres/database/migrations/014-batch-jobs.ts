/** Batch jobs. `store/sqlite/database/migrations/014-batch-jobs.ts` says more. */
export const batchJobs = `
CREATE TABLE batch_jobs (
  id text COLLATE "C" PRIMARY KEY,
  upstream text NOT NULL,
  model text NOT NULL,
  calls bigint NOT NULL,
  state text NOT NULL,
  created_at bigint NOT NULL,
  sent_at bigint,
  upstream_name text,
  leave_at bigint,
  cancelled_at bigint,
  next_at bigint NOT NULL,
  ended_at bigint,
  failure text,
  lease_token text,
  lease_expires_at bigint,
  CHECK ((lease_token IS NULL) = (lease_expires_at IS NULL))
) WITH (autovacuum_vacuum_scale_factor = 0.02);

CREATE INDEX batch_jobs_due ON batch_jobs (next_at) WHERE ended_at IS NULL;
CREATE INDEX batch_jobs_ended ON batch_jobs (ended_at) WHERE ended_at IS NOT NULL;

ALTER TABLE attempts ADD COLUMN batch_job text;
ALTER TABLE attempts ADD COLUMN batch_facts text;

CREATE INDEX attempts_in_jobs ON attempts (batch_job, request_id, number, image_index)
  WHERE batch_job IS NOT NULL;
`;
