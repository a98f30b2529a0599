import type { FailureCode } from '../../../core/failures.ts';
import type { Outcome } from '../../../core/image-request.ts';
import { maxPageSize } from '../../lists/request-page.ts';
import type { RequestRow } from '../../rows/request-rows.ts';

/*
 * Statements name the columns that they return, and none says `*`: a prepared statement refuses to run when a newer program has
 * added a column to its result.
 */

/** The columns of a `RequestRow`; follow them with `requestTables`. */
export const requestColumns = `
  requests.id, requests.organization_id, requests.api_key_id, requests.model, requests.status, requests.priority,
  requests.attempt, requests.available_at, requests.retry_code, requests.lease_token, requests.outcome,
  requests.estimated_cost_micros, requests.ordered_cost_micros, requests.cost_micros, requests.created_at, requests.queued_at,
  requests.updated_at, requests.deadline_at, requests.wire, requests.allows_stand_in, requests.service_tier, requests.retain_ms,
  requests.is_bare, requests.traceparent, payloads.payload, payloads.inline`;

export const requestTables = 'requests JOIN payloads ON payloads.request_id = requests.id';

/**
 * The same tables by their primary keys, for each row of `ids`. When a LIMIT of any value bounds the number of ids, the planner
 * expects a tenth of the table and would read all payloads for the join; `LIMIT 1` leaves it no other way.
 */
function requestTablesOf(ids: string): string {
  return `${ids} CROSS JOIN LATERAL (SELECT * FROM requests WHERE id = ${ids}.id LIMIT 1) AS requests
    CROSS JOIN LATERAL ${payloadOfRequest}`;
}

/**
 * The rows of `ids`, a table with the ids of one page and one more. The greatest id comes first, and rows follow until they are
 * as large as a page may be; `found` is the number of ids. PostgreSQL knows the size of a value outside of its row without
 * reading it.
 */
export function selectPageOf(ids: string): string {
  return `SELECT sized.*, (SELECT count(*) FROM ${ids}) AS found FROM (
      SELECT ${requestColumns}, coalesce(sum(octet_length(payloads.payload) + coalesce(octet_length(requests.outcome), 0))
        OVER (ORDER BY requests.id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS size_before
      FROM ${requestTablesOf(ids)}
    ) AS sized WHERE size_before < ${maxPageSize}`;
}

/** A row of `selectPageOf`. */
export interface FoundRow extends RequestRow {
  readonly found: number;
}

/** For a LATERAL join with `requests`. */
export const payloadOfRequest = '(SELECT * FROM payloads WHERE request_id = requests.id LIMIT 1) AS payloads';

/** The columns of an `AttemptRow`. */
export const attemptColumns = `
  attempts.request_id, attempts.number, attempts.image_index, attempts.worker, attempts.upstream, attempts.started_at,
  attempts.sent_at, attempts.ended_at, attempts.result, attempts.cost_micros, attempts.is_possibly_billed, attempts.failure,
  attempts.answer, attempts.usage, attempts.model_version, attempts.response_id, attempts.stand_in,
  attempts.service_tier, attempts.batch_job`;

/** Adds the order that a worker carries out. */
export const workColumns = `${requestColumns}, payloads.work`;

/** The column next to `outcome` by which failed requests are listed. */
export function toFailureCode(outcome: Outcome | undefined): FailureCode | null {
  return outcome?.kind === 'failure' ? outcome.failure.code : null;
}
