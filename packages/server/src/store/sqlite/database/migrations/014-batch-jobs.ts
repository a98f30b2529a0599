/**
 * Batch jobs, and which calls wait in which job. `attempts.batch_facts` is what was decided when such a call was prepared, as JSON.
 * `next_at` is when a job is looked at again.
 */
export const batchJobs = `
CREATE TABLE batch_jobs (
  id TEXT PRIMARY KEY,
  upstream TEXT NOT NULL,
  model TEXT NOT NULL,
  calls INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  sent_at INTEGER,
  upstream_name TEXT,
  leave_at INTEGER,
  cancelled_at INTEGER,
  next_at INTEGER NOT NULL,
  ended_at INTEGER,
  failure TEXT,
  lease_token TEXT,
  lease_expires_at INTEGER,
  CHECK ((lease_token IS NULL) = (lease_expires_at IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX batch_jobs_due ON batch_jobs (next_at) WHERE ended_at IS NULL;
CREATE INDEX batch_jobs_ended ON batch_jobs (ended_at) WHERE ended_at IS NOT NULL;

ALTER TABLE attempts ADD COLUMN batch_job TEXT;
ALTER TABLE attempts ADD COLUMN batch_facts TEXT;

CREATE INDEX attempts_in_jobs ON attempts (batch_job, request_id, number, image_index)
  WHERE batch_job IS NOT NULL;
`;
