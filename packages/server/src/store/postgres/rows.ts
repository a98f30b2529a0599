import type { FailureCode } from '../../core/failures.ts';
import type { Outcome } from '../../core/image-request.ts';
import type { RequestRow as AnyRequestRow, WorkRow as AnyWorkRow } from '../rows.ts';

/** The columns of a `RequestRow`; follow them with `requestTables`. */
export const requestColumns = `
  requests.id, requests.organization_id, requests.api_key_id, requests.model, requests.status, requests.priority,
  requests.attempt, requests.available_at, requests.retry_code, requests.lease_token, requests.outcome,
  requests.estimated_cost_micros, requests.cost_micros, requests.created_at, requests.queued_at, requests.updated_at,
  requests.deadline_at, payloads.payload, payloads.inline`;

export const requestTables = 'requests JOIN payloads ON payloads.request_id = requests.id';

/** Adds the order that a worker carries out. */
export const workColumns = `${requestColumns}, payloads.work`;

/** Claims and verdicts are decided between two statements, so the row tells who holds it. */
export interface RequestRow extends AnyRequestRow {
  readonly lease_token: string | null;
}

export interface WorkRow extends AnyWorkRow {
  readonly lease_token: string | null;
}

/** The column beside `outcome` by which failed requests are listed. */
export function toFailureCode(outcome: Outcome | undefined): FailureCode | null {
  return outcome?.kind === 'failure' ? outcome.failure.code : null;
}
