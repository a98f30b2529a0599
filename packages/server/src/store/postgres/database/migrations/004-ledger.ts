/** What a request counts in its budgets: what it may cost while it is open, and what it has cost. */
function countedOf(row: string): string {
  return `(CASE WHEN ${row}.status IN ('queued', 'processing') THEN ${row}.estimated_cost_micros ELSE 0 END + ${row}.cost_micros)`;
}

/** What rows add to the windows of their keys and organizations, whether there are budgets or not. */
function toWindows(rows: string): string {
  return `SELECT scope, id, period, CASE period WHEN 'day' THEN day_of(queued_at) ELSE month_of(queued_at) END AS counted_window,
      sum(micros) AS micros
    FROM (${rows}) AS counted
    CROSS JOIN LATERAL (VALUES ('key', api_key_id), ('organization', organization_id)) AS owners (scope, id)
    CROSS JOIN (VALUES ('day'), ('month')) AS periods (period)
    GROUP BY 1, 2, 3, 4`;
}

/** Adds to the windows of existing budgets, and creates windows that are missing. */
function reserve(rows: string): string {
  return `INSERT INTO budget_windows (scope, id, period, counted_window, used_micros)
    SELECT scope, id, period, counted_window, micros FROM (${toWindows(rows)}) AS added
    JOIN budgets USING (scope, id, period)
    ON CONFLICT (scope, id, period, counted_window) DO UPDATE SET
      used_micros = budget_windows.used_micros + excluded.used_micros`;
}

/** Adds to windows that exist. */
function settle(rows: string): string {
  return `UPDATE budget_windows SET used_micros = used_micros + added.micros FROM (${toWindows(rows)}) AS added
    WHERE budget_windows.scope = added.scope AND budget_windows.id = added.id AND budget_windows.period = added.period
      AND budget_windows.counted_window = added.counted_window`;
}

const owners = 'after.organization_id, after.api_key_id, after.queued_at';
const changedRows = 'new_rows AS after JOIN old_rows AS before USING (id)';

/** What a row counts for usage, with the sign of its side. */
function usedOf(row: 'after' | 'before', sign: '+' | '-'): string {
  const count = (status: string) => `${sign} (${row}.status = '${status}')::int AS ${status}`;
  return `SELECT ${row}.organization_id, day_of(${row}.queued_at) AS day, ${row}.model, ${row}.api_key_id,
      ${count('success')}, ${count('failed')}, ${count('cancelled')},
      ${sign} CASE WHEN after.queued_at = before.queued_at THEN 0
        ELSE (SELECT count(*) FROM pictures WHERE request_id = after.id) END AS pictures,
      ${sign} ${row}.cost_micros AS cost_micros
    FROM ${changedRows}
    WHERE after.cost_micros <> before.cost_micros OR after.queued_at <> before.queued_at OR after.status <> before.status`;
}

const sums = ['success', 'failed', 'cancelled', 'pictures', 'cost_micros'];

function addToUsage(rows: string): string {
  return `INSERT INTO usage (organization_id, day, model, api_key_id, ${sums.join(', ')})
    SELECT organization_id, day, model, api_key_id, ${sums.map((name) => `sum(${name})`).join(', ')}
    FROM (${rows}) AS used GROUP BY 1, 2, 3, 4
    HAVING (${sums.map((name) => `sum(${name})`).join(', ')}) <> (0, 0, 0, 0, 0)
    ORDER BY 1, 2, 3, 4
    ON CONFLICT (organization_id, day, model, api_key_id) DO UPDATE SET
      ${sums.map((name) => `${name} = usage.${name} + excluded.${name}`).join(', ')}`;
}

/**
 * Money, and what belongs to a submit. `store/sqlite/database/migrations/004-ledger.ts` explains how requests count in the
 * windows of their budgets and in usage.
 *
 * Differs from the twin because triggers see a whole statement here: each adds what all of its rows have changed at once. What a
 * requeue subtracts from an old day is a negative addition. Writers hold the lanes and the budgets of their requests
 * (`lock-requests.ts`), so no two of them meet in a row of `usage` or `budget_windows`.
 */
export const ledger = `
CREATE FUNCTION day_of(ms bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN to_char(timestamp 'epoch' + (ms / 1000) * interval '1 second', 'YYYY-MM-DD');
CREATE FUNCTION month_of(ms bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN to_char(timestamp 'epoch' + (ms / 1000) * interval '1 second', 'YYYY-MM');

CREATE INDEX requests_failed ON requests (failure_code, id) WHERE status = 'failed';
CREATE INDEX requests_failed_by_organization ON requests (organization_id, failure_code, id) WHERE status = 'failed';

CREATE TABLE idempotency_keys (
  organization_id text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  body_hash text NOT NULL,
  request_id text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (organization_id, key)
);

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

CREATE TABLE budgets (
  scope text COLLATE "C" NOT NULL CHECK (scope IN ('key', 'organization')),
  id text COLLATE "C" NOT NULL,
  period text COLLATE "C" NOT NULL CHECK (period IN ('day', 'month')),
  limit_micros bigint NOT NULL,
  PRIMARY KEY (scope, id, period)
);

CREATE TABLE budget_windows (
  scope text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  period text COLLATE "C" NOT NULL,
  counted_window text COLLATE "C" NOT NULL,
  used_micros bigint NOT NULL,
  PRIMARY KEY (scope, id, period, counted_window),
  FOREIGN KEY (scope, id, period) REFERENCES budgets ON DELETE CASCADE
) WITH (fillfactor = 50);

CREATE FUNCTION follow_budget_window() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM budget_windows
  WHERE scope = new.scope AND id = new.id AND period = new.period AND counted_window < (
    SELECT max(counted_window) FROM budget_windows
    WHERE scope = new.scope AND id = new.id AND period = new.period AND counted_window < new.counted_window
  );
  RETURN NULL;
END $$;

CREATE TRIGGER budget_windows_followed AFTER INSERT ON budget_windows FOR EACH ROW EXECUTE FUNCTION follow_budget_window();

CREATE FUNCTION reserve_money() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM budgets) THEN
    ${reserve(`SELECT ${owners}, ${countedOf('after')} AS micros FROM new_rows AS after`)};
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER requests_reserved AFTER INSERT ON requests
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION reserve_money();

CREATE TABLE usage (
  organization_id text COLLATE "C" NOT NULL,
  day text COLLATE "C" NOT NULL,
  model text COLLATE "C" NOT NULL,
  api_key_id text COLLATE "C" NOT NULL,
  success bigint NOT NULL,
  failed bigint NOT NULL,
  cancelled bigint NOT NULL,
  pictures bigint NOT NULL,
  cost_micros bigint NOT NULL,
  PRIMARY KEY (organization_id, day, model, api_key_id)
) WITH (fillfactor = 50);

CREATE INDEX usage_by_key ON usage (api_key_id, day);

CREATE FUNCTION spend_money() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM budgets) THEN
    ${settle(`SELECT ${owners}, ${countedOf('after')} - ${countedOf('before')} AS micros FROM ${changedRows}
      WHERE after.queued_at = before.queued_at AND ${countedOf('after')} <> ${countedOf('before')}
      UNION ALL SELECT before.organization_id, before.api_key_id, before.queued_at, - ${countedOf('before')} FROM ${changedRows}
      WHERE after.queued_at <> before.queued_at`)};
    ${reserve(`SELECT ${owners}, ${countedOf('after')} AS micros FROM ${changedRows} WHERE after.queued_at <> before.queued_at`)};
  END IF;
  ${addToUsage(`${usedOf('after', '+')} UNION ALL ${usedOf('before', '-')}`)};
  RETURN NULL;
END $$;

CREATE TRIGGER requests_spent AFTER UPDATE ON requests
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION spend_money();

CREATE FUNCTION use_pictures() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  ${addToUsage(`SELECT organization_id, day_of(queued_at) AS day, model, api_key_id, 0 AS success, 0 AS failed,
      0 AS cancelled, 1 AS pictures, 0 AS cost_micros
    FROM new_rows JOIN requests ON requests.id = new_rows.request_id`)};
  RETURN NULL;
END $$;

CREATE TRIGGER pictures_used AFTER INSERT ON pictures
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION use_pictures();
`;
