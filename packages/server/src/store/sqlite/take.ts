import type { DatabaseSync } from 'node:sqlite';
import { toFailureKind } from '../../core/failures.ts';
import type { Attempt, ImageRequest, Lease } from '../../core/image-request.ts';
import type { Order } from '../../core/order.ts';
import type { Grant, UpstreamPool } from '../../core/upstream-pool.ts';
import { createSecret } from '../../platform/ids.ts';
import type { Claim, ClaimQuery } from '../request-store.ts';
import { prepareReadAttempts } from './attempts.ts';
import { prepareCommand, prepareQuery } from './query.ts';
import { prepareRecordMoment } from './record-moment.ts';
import { requestColumns, toImageRequest, toOrder, type WorkRow, workColumn } from './rows.ts';

/** A ready request that a claim may take. */
export interface Candidate {
  readonly seq: number;
  readonly id: string;
  readonly priority: number;
  readonly organizationId: string;
  readonly upstreamModel: string;
}

export interface Taking {
  readonly query: ClaimQuery;
  readonly pool: UpstreamPool;
  /** Calls. */
  readonly limit: number;
}

/** Takes one request and writes a line for each call that the pool grants it. */
export function prepareTake(db: DatabaseSync): (candidate: Candidate, taking: Taking) => Claim {
  const lease = prepareLease(db);
  const readAttempts = prepareReadAttempts(db);
  const addLines = prepareAddLines(db);
  const record = prepareRecordMoment(db);
  return (candidate, { query, pool, limit }) => {
    const taken = lease(candidate, query);
    const { request, order } = taken;
    const attempts = request.attempt === 1 ? [] : readAttempts(request.id);
    const missing = toMissingImages(order, attempts);
    const micros = Math.ceil(request.estimatedCostMicros / order.images);
    const grant = toGrant(pool, candidate.upstreamModel, { calls: Math.min(missing.length, limit), micros });
    const imageIndexes = missing.slice(0, grant.calls).sort((a, b) => a - b);
    const { upstream } = grant;
    addLines(taken.lease, imageIndexes, { query, upstream, model: candidate.upstreamModel, micros });
    const { id: requestId, attempt } = request;
    const moment = { kind: 'claimed', attempt, upstream, calls: imageIndexes.length } as const;
    record({ requestId, at: query.now, moment });
    return { ...taken, attempts, upstream, imageIndexes };
  };
}

/**
 * The images without an answer. Those that were refused for good come last, so that none of the others has to wait while
 * such a one is paid again; before them those that were tried least: none waits for another's failures.
 */
function toMissingImages(order: Order, attempts: readonly Attempt[]): number[] {
  const triesOf = (index: number) => attempts.filter(({ imageIndex }) => imageIndex === index);
  const isRefused = (index: number) => {
    const failure = triesOf(index).at(-1)?.failure;
    return failure !== undefined && !toFailureKind(failure.code).isRetryable ? 1 : 0;
  };
  return Array.from({ length: order.images }, (_, index) => index)
    .filter((index) => triesOf(index).every(({ answer }) => answer === undefined))
    .sort((a, b) => isRefused(a) - isRefused(b) || triesOf(a).length - triesOf(b).length);
}

/** The model has room. Who lacks no call is granted none, and any upstream is named. */
function toGrant(
  pool: UpstreamPool,
  model: string,
  wanted: { readonly calls: number; readonly micros: number },
): Grant {
  const [open] = pool.rooms(model).filter(({ room }) => room.kind === 'open');
  const grant = wanted.calls > 0 ? pool.grant(model, wanted) : open && { upstream: open.upstream, calls: 0 };
  if (!grant) throw new Error(`The pool has room for ${model} and grants no call.`);
  return grant;
}

interface Taken {
  readonly request: ImageRequest;
  readonly order: Order;
  readonly lease: Lease;
}

function prepareLease(db: DatabaseSync): (candidate: Candidate, query: ClaimQuery) => Taken {
  const update = prepareQuery<WorkRow>(
    db,
    `UPDATE requests SET status = 'processing', ready = 0, attempt = attempt + 1, retry_code = NULL, lease_token = ?,
       lease_expires_at = ?, worker = ?, updated_at = ?
     WHERE seq = ? AND status = 'queued' RETURNING ${requestColumns}, ${workColumn}`,
  );
  return ({ seq, id }, { now, leaseMs, worker }) => {
    const token = createSecret();
    const row = update.get(token, now + leaseMs, worker, now, seq);
    if (!row) throw new Error(`The request ${id} is ready and cannot be claimed.`);
    const request = toImageRequest(row);
    return { request, order: toOrder(row), lease: { requestId: id, attempt: request.attempt, token } };
  };
}

interface Line {
  readonly query: ClaimQuery;
  readonly upstream: string;
  readonly model: string;
  readonly micros: number;
}

/** Unsent until `beginCalls`. */
function prepareAddLines(db: DatabaseSync): (lease: Lease, imageIndexes: readonly number[], line: Line) => void {
  const insert = prepareCommand(
    db,
    `INSERT INTO attempts (
       request_id, number, image_index, lease_token, worker, upstream, model, started_at, lease_expires_at,
       estimated_micros, cost_micros, is_possibly_billed
     ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)`,
  );
  return ({ requestId, attempt, token }, imageIndexes, { query, upstream, model, micros }) => {
    const { worker, now, leaseMs } = query;
    for (const imageIndex of imageIndexes) {
      const key = [requestId, attempt, imageIndex, token, worker];
      insert.run(...key, upstream, model, now, now + leaseMs, micros);
    }
  };
}
