import type { RequestStatus, ServiceTier, TierChoice } from '@darkroom/protocol';
import type { FailureCode } from '../../core/failures.ts';
import type { Attempt, AttemptResult, FailureOutcome, ImageRequest } from '../../core/image-request.ts';
import { isEnded } from '../../core/lifecycle.ts';
import type { Order } from '../../core/order.ts';
import { fromLane, toLane } from '../../core/service-tiers.ts';
import type { ExpiredClaim, NewRequest } from '../request-store.ts';

/*
 * Rows as both stores read them, and what they mean. Each store names the columns of its own SELECTs (`database/rows.ts`); what the
 * columns hold is the same.
 */

export interface WorkRow extends RequestRow {
  readonly work: string;
}

/** The order of a row, as the submit wrote it. */
export function readOrder(row: Pick<WorkRow, 'id' | 'work'>): Order {
  return readRow(row.id, () => JSON.parse(row.work));
}

export function toWork(order: Order): string {
  return JSON.stringify(order);
}

/** A request that has lost its holder or whose deadline has come, for the decision how it continues. */
export function toExpiredClaim(row: WorkRow, attempts: readonly Attempt[]): ExpiredClaim {
  return { request: toImageRequest(row), order: readOrder(row), attempts };
}

/** A row holds something that Darkroom has not written. */
export class UnreadableRowError extends Error {
  override readonly name = 'UnreadableRowError';
  /** The id of the request. */
  readonly id: string;

  constructor(id: string, cause: unknown) {
    super(`The row of ${id} cannot be read.`, { cause });
    this.id = id;
  }
}

function readRow<T>(id: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UnreadableRowError(id, error);
  }
}

export interface RequestRow {
  readonly id: string;
  readonly organization_id: string;
  readonly api_key_id: string;
  /** The lane: the model's public id, with the tier in whose lane the request waits where that is not the standard one. */
  readonly model: string;
  readonly payload: string;
  readonly inline: string | null;
  readonly status: RequestStatus;
  readonly priority: number;
  readonly attempt: number;
  readonly available_at: number;
  readonly retry_code: FailureCode | null;
  /** The lease of the attempt that holds it; `null` unless it is processing. */
  readonly lease_token: string | null;
  readonly outcome: string | null;
  /** What budgets reserve. */
  readonly estimated_cost_micros: number;
  /** Of the ordered model; `null` where it is the same. */
  readonly ordered_cost_micros: number | null;
  readonly cost_micros: number;
  readonly created_at: number;
  readonly queued_at: number;
  readonly updated_at: number;
  readonly deadline_at: number;
  readonly wire: string;
  /** SQLite has no booleans. */
  readonly allows_stand_in: boolean | 0 | 1;
  /** What the submit asked for. */
  readonly service_tier: TierChoice | null;
  readonly retain_ms: number | null;
  /** SQLite has no booleans. */
  readonly is_bare: boolean | 0 | 1;
  readonly traceparent: string | null;
}

export function toImageRequest(row: RequestRow): ImageRequest {
  const { model, tier } = fromLane(row.model);
  return {
    id: row.id,
    organizationId: row.organization_id,
    apiKeyId: row.api_key_id,
    model,
    payload: row.payload,
    inline: parseOwn(row.id, row.inline) ?? [],
    status: row.status,
    priority: row.priority,
    attempt: row.attempt,
    availableAt: row.available_at,
    retryCode: row.retry_code ?? undefined,
    outcome: parseOwn(row.id, row.outcome),
    estimatedCostMicros: toOrderedCost(row),
    costMicros: row.cost_micros,
    createdAt: row.created_at,
    queuedAt: row.queued_at,
    updatedAt: row.updated_at,
    deadlineAt: row.deadline_at,
    retainMs: row.retain_ms ?? undefined,
    isBare: Boolean(row.is_bare),
    wire: row.wire,
    allowsStandIn: Boolean(row.allows_stand_in),
    serviceTier: row.service_tier ?? undefined,
    // Calls of this tier have no lane apart.
    tier: row.service_tier === 'priority' ? 'priority' : tier,
    traceparent: row.traceparent ?? undefined,
  };
}

/** The request for reading only: one that cannot be read is shown with a failure that says so, so the rest of its list is shown. */
export function toShownRequest(row: RequestRow): ImageRequest {
  try {
    return toImageRequest(row);
  } catch (error) {
    if (!(error instanceof UnreadableRowError)) throw error;
    const status = isEnded(row.status) ? 'failed' : row.status;
    return { ...toImageRequest({ ...row, inline: null, outcome: null }), status, outcome: unreadableOutcome };
  }
}

const unreadableOutcome: FailureOutcome = {
  kind: 'failure',
  failure: {
    code: 'internal_error',
    message: 'The record of this request is damaged in the database and cannot be read.',
  },
};

/** The columns of a new request that say how soon it is to be served. */
export function toTierColumns({ model, tier = 'standard', serviceTier, movesUpAt }: NewRequest) {
  return { lane: toLane(model, tier), serviceTier: serviceTier ?? null, movesUpAt: movesUpAt ?? null };
}

/** What the ordered model is expected to cost. */
function toOrderedCost(row: Pick<RequestRow, 'estimated_cost_micros' | 'ordered_cost_micros'>): number {
  return row.ordered_cost_micros ?? row.estimated_cost_micros;
}

/** What the columns of both hold for a new request. */
export function toCostColumns({ estimatedCostMicros: ordered, reservedMicros = ordered }: NewRequest): {
  readonly reserved: number;
  readonly ordered: number | null;
} {
  return { reserved: reservedMicros, ordered: reservedMicros === ordered ? null : ordered };
}

/** A new request as its row has it. It is not read back, because it holds nothing but what the submit gave. */
export function toQueuedRequest(request: NewRequest): ImageRequest {
  const { createdAt, tier = 'standard', allowsStandIn = true } = request;
  // Each key by itself: to copy all but some of them would be a twentieth of a submit.
  return {
    id: request.id,
    organizationId: request.organizationId,
    apiKeyId: request.apiKeyId,
    model: request.model,
    payload: request.payload,
    inline: request.inline,
    priority: request.priority,
    estimatedCostMicros: request.estimatedCostMicros,
    createdAt,
    deadlineAt: request.deadlineAt,
    wire: request.wire,
    allowsStandIn,
    serviceTier: request.serviceTier,
    traceparent: request.traceparent,
    tier,
    retainMs: request.retainMs,
    isBare: false,
    status: 'queued',
    attempt: 0,
    availableAt: createdAt,
    retryCode: undefined,
    outcome: undefined,
    costMicros: 0,
    queuedAt: createdAt,
    updatedAt: createdAt,
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
  readonly stand_in: string | null;
  readonly service_tier: ServiceTier | null;
  readonly batch_job: string | null;
}

export function toAttempt(row: AttemptRow): Attempt {
  return {
    requestId: row.request_id,
    number: row.number,
    imageIndex: row.image_index,
    worker: row.worker,
    upstream: row.upstream,
    standIn: parseOwn(row.request_id, row.stand_in),
    startedAt: row.started_at,
    sentAt: row.sent_at ?? undefined,
    endedAt: row.ended_at ?? undefined,
    result: row.result ?? undefined,
    costMicros: row.cost_micros,
    isPossiblyBilled: Boolean(row.is_possibly_billed),
    failure: parseOwn(row.request_id, row.failure),
    answer: parseOwn(row.request_id, row.answer),
    usage: parseOwn(row.request_id, row.usage),
    modelVersion: row.model_version ?? undefined,
    responseId: row.response_id ?? undefined,
    serviceTier: row.service_tier ?? undefined,
    batchJob: row.batch_job ?? undefined,
  };
}

/** For a column: the JSON text, or NULL for nothing. */
export function toJson(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** Reads what `toJson` wrote. Trusted to have the shape of the column, because nothing else writes to the database. */
function parseOwn<T>(id: string, json: string | null): T | undefined {
  return json === null ? undefined : readRow(id, () => JSON.parse(json));
}
