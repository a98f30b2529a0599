import type { RequestStatus } from '@darkroom/protocol';
import type { FailureCode } from '../../core/failures.ts';
import type { Attempt, AttemptResult, ImageRequest, Outcome } from '../../core/image-request.ts';
import type { Order } from '../../core/order.ts';

/** The columns of a `RequestRow`; follow them with `requestTables`. */
export const requestColumns = `
  requests.id, requests.organization_id, requests.api_key_id, requests.model, requests.status, requests.priority,
  requests.attempt, requests.available_at, requests.retry_code, requests.lease_token, requests.outcome,
  requests.estimated_cost_micros, requests.cost_micros, requests.created_at, requests.queued_at, requests.updated_at,
  requests.deadline_at, payloads.payload, payloads.inline`;

export const requestTables = 'requests JOIN payloads ON payloads.request_id = requests.id';

/** Adds the order that a worker carries out. */
export const workColumns = `${requestColumns}, payloads.work`;

export interface WorkRow extends RequestRow {
  readonly work: string;
}

export interface RequestRow {
  readonly id: string;
  readonly organization_id: string;
  readonly api_key_id: string;
  readonly model: string;
  readonly payload: string;
  readonly inline: string | null;
  readonly status: RequestStatus;
  readonly priority: number;
  readonly attempt: number;
  readonly available_at: number;
  readonly retry_code: FailureCode | null;
  readonly lease_token: string | null;
  readonly outcome: string | null;
  readonly estimated_cost_micros: number;
  readonly cost_micros: number;
  readonly created_at: number;
  readonly queued_at: number;
  readonly updated_at: number;
  readonly deadline_at: number;
}

/** The order of a row: our own writing, as `submit` left it. */
export function toOrder(row: WorkRow): Order {
  return JSON.parse(row.work);
}

export function toImageRequest(row: RequestRow): ImageRequest {
  return {
    id: row.id,
    organizationId: row.organization_id,
    apiKeyId: row.api_key_id,
    model: row.model,
    payload: row.payload,
    inline: parseOwn(row.inline) ?? [],
    status: row.status,
    priority: row.priority,
    attempt: row.attempt,
    availableAt: row.available_at,
    retryCode: row.retry_code ?? undefined,
    outcome: parseOwn(row.outcome),
    estimatedCostMicros: row.estimated_cost_micros,
    costMicros: row.cost_micros,
    createdAt: row.created_at,
    queuedAt: row.queued_at,
    updatedAt: row.updated_at,
    deadlineAt: row.deadline_at,
  };
}

export interface AttemptRow {
  readonly request_id: string;
  readonly number: number;
  readonly image_index: number;
  readonly worker: string;
  readonly upstream: string;
  readonly started_at: number;
  readonly sent_at: number | null;
  readonly ended_at: number | null;
  readonly result: AttemptResult | null;
  readonly cost_micros: number;
  readonly is_possibly_billed: boolean;
  readonly failure: string | null;
  readonly answer: string | null;
  readonly usage: string | null;
  readonly model_version: string | null;
  readonly response_id: string | null;
}

export function toAttempt(row: AttemptRow): Attempt {
  return {
    requestId: row.request_id,
    number: row.number,
    imageIndex: row.image_index,
    worker: row.worker,
    upstream: row.upstream,
    startedAt: row.started_at,
    sentAt: row.sent_at ?? undefined,
    endedAt: row.ended_at ?? undefined,
    result: row.result ?? undefined,
    costMicros: row.cost_micros,
    isPossiblyBilled: row.is_possibly_billed,
    failure: parseOwn(row.failure),
    answer: parseOwn(row.answer),
    usage: parseOwn(row.usage),
    modelVersion: row.model_version ?? undefined,
    responseId: row.response_id ?? undefined,
  };
}

/** For a column: the JSON text, or NULL for nothing. */
export function toJson(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** The column beside `outcome` by which failed requests are listed. */
export function toFailureCode(outcome: Outcome | undefined): FailureCode | null {
  return outcome?.kind === 'failure' ? outcome.failure.code : null;
}

/** Reads what `toJson` wrote: trusted to have the shape of the column, since nobody else writes to the database. */
function parseOwn<T>(json: string | null): T | undefined {
  return json === null ? undefined : JSON.parse(json);
}
