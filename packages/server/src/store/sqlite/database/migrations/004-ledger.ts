/** The day (UTC) in which a request counts, `2026-11-22`: `toWindow` of core, in SQL. */
function dayOf(row: 'new' | 'old'): string {
  return `date(${row}.queued_at / 1000, 'unixepoch')`;
}

/** The month, `2026-11`. */
function monthOf(row: 'new' | 'old'): string {
  return `strftime('%Y-%m', ${row}.queued_at / 1000, 'unixepoch')`;
}

/** What a request counts in its budgets: what it may cost while it is open, and what it has cost. */
function countedOf(row: 'new' | 'old'): string {
  return `((${row}.status IN ('queued', 'processing')) * ${row}.estimated_cost_micros + ${row}.cost_micros)`;
}

/** The keys of the budget windows in which a request counts, whether they exist or not. */
function windowsOf(row: 'new' | 'old'): string {
  const scopes = [`'key', ${row}.api_key_id`, `'organization', ${row}.organization_id`];
  const periods = [`'day', ${dayOf(row)}`, `'month', ${monthOf(row)}`];
  return scopes.flatMap((scope) => periods.map((period) => `(${scope}, ${period})`)).join(', ');
}

/** Adds to the windows of existing budgets, and creates new windows. */
function reserve(micros: string): string {
  return `INSERT INTO budget_windows (scope, id, period, counted_window, used_micros)
  SELECT scope, id, period, CASE period WHEN 'day' THEN ${dayOf('new')} ELSE ${monthOf('new')} END, ${micros} FROM budgets
  WHERE (scope = 'key' AND id = new.api_key_id) OR (scope = 'organization' AND id = new.organization_id)
  ON CONFLICT (scope, id, period, counted_window) DO UPDATE SET used_micros = used_micros + excluded.used_micros`;
}

/** Adds to windows that exist. */
function settle(row: 'new' | 'old', micros: string): string {
  return `UPDATE budget_windows SET used_micros = used_micros + ${micros}
  WHERE (scope, id, period, counted_window) IN (VALUES ${windowsOf(row)})`;
}

const addToUsage = `ON CONFLICT (organization_id, day, model, api_key_id) DO UPDATE SET
    success = success + excluded.success,
    failed = failed + excluded.failed,
    cancelled = cancelled + excluded.cancelled,
    pictures = pictures + excluded.pictures,
    cost_micros = cost_micros + excluded.cost_micros`;

const usageColumns = 'organization_id, day, model, api_key_id, success, failed, cancelled, pictures, cost_micros';

/**
 * Money, and what belongs to a submit: idempotency keys, budgets, usage, the codes of failed requests, limits of keys.
 *
 * A request counts only in those windows of its budgets that contain its `queued_at`. So what it counts is subtracted from the
 * same windows that it was added to, whenever it ends, and a new window starts at zero without any action. Processes whose clocks
 * differ at midnight do no harm: the window before the newest is kept for them.
 *
 * Triggers keep budgets and usage, so no statement can forget them. Those of budgets do nothing while there are no budgets; usage
 * is written when requests end or cost something, never at a submit.
 *
 * `failure_code` is computed from the outcome, so it cannot be wrong either; only failed rows are in its indexes.
 */
export const ledger = `
ALTER TABLE requests ADD COLUMN failure_code TEXT
  GENERATED ALWAYS AS (CASE WHEN status = 'failed' THEN outcome ->> '$.failure.code' END) VIRTUAL;
CREATE INDEX requests_failed ON requests (failure_code, id) WHERE status = 'failed';
CREATE INDEX requests_failed_by_organization ON requests (organization_id, failure_code, id) WHERE status = 'failed';

CREATE TABLE idempotency_keys (
  organization_id TEXT NOT NULL,
  key TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  request_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

CREATE TABLE budgets (
  scope TEXT NOT NULL CHECK (scope IN ('key', 'organization')),
  id TEXT NOT NULL,
  period TEXT NOT NULL CHECK (period IN ('day', 'month')),
  limit_micros INTEGER NOT NULL,
  PRIMARY KEY (scope, id, period)
) STRICT, WITHOUT ROWID;

CREATE TABLE budget_windows (
  scope TEXT NOT NULL,
  id TEXT NOT NULL,
  period TEXT NOT NULL,
  counted_window TEXT NOT NULL,
  used_micros INTEGER NOT NULL,
  PRIMARY KEY (scope, id, period, counted_window),
  FOREIGN KEY (scope, id, period) REFERENCES budgets ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TRIGGER budget_windows_followed AFTER INSERT ON budget_windows BEGIN
  DELETE FROM budget_windows
  WHERE scope = new.scope AND id = new.id AND period = new.period AND counted_window < (
    SELECT max(counted_window) FROM budget_windows
    WHERE scope = new.scope AND id = new.id AND period = new.period AND counted_window < new.counted_window
  );
END;

CREATE TRIGGER requests_reserved AFTER INSERT ON requests WHEN EXISTS (SELECT 1 FROM budgets) BEGIN
  ${reserve(countedOf('new'))};
END;

CREATE TRIGGER requests_spent AFTER UPDATE OF status, cost_micros ON requests
WHEN new.queued_at = old.queued_at AND ${countedOf('new')} <> ${countedOf('old')} AND EXISTS (SELECT 1 FROM budgets)
BEGIN
  ${settle('new', `${countedOf('new')} - ${countedOf('old')}`)};
END;

CREATE TRIGGER requests_reserved_again AFTER UPDATE OF queued_at ON requests
WHEN new.queued_at <> old.queued_at AND EXISTS (SELECT 1 FROM budgets)
BEGIN
  ${settle('old', `-${countedOf('old')}`)};
  ${reserve(countedOf('new'))};
END;

CREATE TABLE usage (
  organization_id TEXT NOT NULL,
  day TEXT NOT NULL,
  model TEXT NOT NULL,
  api_key_id TEXT NOT NULL,
  success INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  cancelled INTEGER NOT NULL,
  pictures INTEGER NOT NULL,
  cost_micros INTEGER NOT NULL,
  PRIMARY KEY (organization_id, day, model, api_key_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX usage_by_key ON usage (api_key_id, day);

INSERT INTO usage (${usageColumns})
SELECT organization_id, date(queued_at / 1000, 'unixepoch'), model, api_key_id, sum(status = 'success'),
  sum(status = 'failed'), sum(status = 'cancelled'),
  sum((SELECT count(*) FROM pictures WHERE request_id = requests.id)), sum(cost_micros)
FROM requests WHERE status NOT IN ('queued', 'processing') OR cost_micros > 0
GROUP BY 1, 2, 3, 4;

CREATE TRIGGER requests_used AFTER UPDATE OF status, cost_micros ON requests
WHEN new.queued_at = old.queued_at AND (
  new.cost_micros <> old.cost_micros OR
  (new.status <> old.status AND NOT (new.status IN ('queued', 'processing') AND old.status IN ('queued', 'processing')))
)
BEGIN
  INSERT INTO usage (${usageColumns})
  VALUES (
    new.organization_id,
    ${dayOf('new')},
    new.model,
    new.api_key_id,
    (new.status = 'success') - (old.status = 'success'),
    (new.status = 'failed') - (old.status = 'failed'),
    (new.status = 'cancelled') - (old.status = 'cancelled'),
    0,
    new.cost_micros - old.cost_micros
  )
  ${addToUsage};
END;

CREATE TRIGGER requests_used_again AFTER UPDATE OF queued_at ON requests WHEN new.queued_at <> old.queued_at BEGIN
  UPDATE usage SET
    success = success - (old.status = 'success'),
    failed = failed - (old.status = 'failed'),
    cancelled = cancelled - (old.status = 'cancelled'),
    pictures = pictures - (SELECT count(*) FROM pictures WHERE request_id = old.id),
    cost_micros = cost_micros - old.cost_micros
  WHERE organization_id = old.organization_id AND day = ${dayOf('old')} AND model = old.model
    AND api_key_id = old.api_key_id;
  INSERT INTO usage (${usageColumns})
  VALUES (
    new.organization_id,
    ${dayOf('new')},
    new.model,
    new.api_key_id,
    new.status = 'success',
    new.status = 'failed',
    new.status = 'cancelled',
    (SELECT count(*) FROM pictures WHERE request_id = new.id),
    new.cost_micros
  )
  ${addToUsage};
END;

CREATE TRIGGER pictures_used AFTER INSERT ON pictures BEGIN
  INSERT INTO usage (${usageColumns})
  SELECT organization_id, date(queued_at / 1000, 'unixepoch'), model, api_key_id, 0, 0, 0, 1, 0
  FROM requests WHERE id = new.request_id
  ${addToUsage};
END;

ALTER TABLE api_keys ADD COLUMN is_admin INTEGER NOT NULL DEFAULT 0 CHECK (is_admin IN (0, 1));
ALTER TABLE api_keys ADD COLUMN requests_per_minute INTEGER;
UPDATE api_keys SET is_admin = 1
WHERE id = (SELECT id FROM api_keys WHERE name = 'first' ORDER BY created_at, id LIMIT 1);
`;
