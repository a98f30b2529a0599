import type { DatabaseSync } from 'node:sqlite';
import { grantImages } from '../../../core/grant-images.ts';
import type { ImageRequest, Lease } from '../../../core/image-request.ts';
import type { Order } from '../../../core/order.ts';
import type { UpstreamPool } from '../../../core/upstream-pool.ts';
import { createSecret } from '../../../platform/ids.ts';
import type { Claim, ClaimQuery } from '../../request-store.ts';
import { readOrder, toImageRequest, type WorkRow } from '../../rows/request-rows.ts';
import { prepareReadAttempts } from '../calls/attempts.ts';
import { requestColumns, workColumn } from '../database/rows.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';
import { prepareRecordMoment } from '../events/record-moments.ts';

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
    const model = candidate.upstreamModel;
    const { estimatedCostMicros } = request;
    const granted = grantImages({ order, attempts, estimatedCostMicros }, { pool, model, limit });
    const { upstream, imageIndexes, micros } = granted;
    addLines(taken.lease, imageIndexes, { query, upstream, model, micros });
    const { id: requestId, attempt } = request;
    const moment = { kind: 'claimed', attempt, upstream, calls: imageIndexes.length } as const;
    record({ requestId, at: query.now, moment });
    return { ...taken, attempts, upstream, imageIndexes };
  };
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
    return { request, order: readOrder(row), lease: { requestId: id, attempt: request.attempt, token } };
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
