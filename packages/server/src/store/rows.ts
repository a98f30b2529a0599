import type { RequestStatus } from '@darkroom/protocol';
import type { FailureCode } from '../core/failures.ts';
import type { Attempt, AttemptResult, ImageRequest } from '../core/image-request.ts';
import type { Order } from '../core/order.ts';
import type { NewRequest } from './request-store.ts';

/** Rows as every store reads them, and what they mean. The columns by which they are read are each store's own. */

export interface WorkRow extends RequestRow {
  readonly work: string;
}

/** The order of a row: our own writing, as a submit left it. */
export function toOrder(row: WorkRow): Order {
  return JSON.parse(row.work);
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
  readonly outcome: string | null;
  readonly estimated_cost_micros: number;
  readonly cost_micros: number;
  readonly created_at: number;
  readonly queued_at: number;
  readonly updated_at: number;
  readonly deadline_at: number;
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

/** A new request as its row has it; put together instead of read back, since it holds nothing that the caller did not give. */
export function toQueuedRequest(request: NewRequest): ImageRequest {
  const { order: _order, idempotency: _idempotency, maxQueued: _maxQueued, webhook: _webhook, ...given } = request;
  return {
    ...given,
    status: 'queued',
    attempt: 0,
    availableAt: request.createdAt,
    retryCode: undefined,
    outcome: undefined,
    costMicros: 0,
    queuedAt: request.createdAt,
    updatedAt: request.createdAt,
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
  /** SQLite has no booleans. */
  readonly is_possibly_billed: boolean | 0 | 1;
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
    isPossiblyBilled: Boolean(row.is_possibly_billed),
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

/** Reads what `toJson` wrote: trusted to have the shape of the column, since nobody else writes to the database. */
function parseOwn<T>(json: string | null): T | undefined {
  return json === null ? undefined : JSON.parse(json);
}
