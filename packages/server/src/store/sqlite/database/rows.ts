/** The columns of a `RequestRow`, in a SELECT from `requests` or after a RETURNING. */
export const requestColumns = `
  id, organization_id, api_key_id, model, status, priority, attempt, available_at, retry_code, lease_token, outcome,
  estimated_cost_micros, ordered_cost_micros, cost_micros, created_at, queued_at, updated_at, deadline_at, wire, allows_stand_in,
  service_tier, retain_ms, is_bare, traceparent,
  (SELECT payload FROM payloads WHERE payloads.seq = requests.seq) AS payload,
  (SELECT inline FROM payloads WHERE payloads.seq = requests.seq) AS inline`;

/** The column of a `WorkRow`, in addition to `requestColumns`. */
export const workColumn = '(SELECT work FROM payloads WHERE payloads.seq = requests.seq) AS work';
