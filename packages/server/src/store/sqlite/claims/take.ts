import type { DatabaseSync } from 'node:sqlite';
import type { UpstreamPool } from '../../../core/upstream-pool.ts';
import { createSecret } from '../../../platform/ids.ts';
import { type Taking, takeRequest, toTakenMoments } from '../../decisions/claims.ts';
import type { ClaimQuery } from '../../request-store.ts';
import { toJson, type WorkRow } from '../../rows/request-rows.ts';
import { prepareReadAttempts } from '../calls/attempts.ts';
import { requestColumns, workColumn } from '../database/rows.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';
import { prepareRecordMoment } from '../events/record-moments.ts';

interface TakeOptions {
  readonly query: ClaimQuery;
  readonly pool: UpstreamPool;
  /** The number of calls. */
  readonly limit: number;
}

/**
 * Takes the ready request of this `seq`, and writes what was taken: row and lines. `undefined`, and nothing written: it is passed
 * over (`takeRequest`).
 */
export function prepareTake(db: DatabaseSync): (seq: number, options: TakeOptions) => Taking | undefined {
  const select = prepareQuery<WorkRow>(db, `SELECT ${requestColumns}, ${workColumn} FROM requests WHERE seq = ?`);
  const readAttempts = prepareReadAttempts(db);
  const lease = prepareLease(db);
  const addLines = prepareAddLines(db);
  const record = prepareRecordMoment(db);
  return (seq, options) => {
    const row = select.get(seq);
    if (!row) throw new Error(`There is no ready request ${seq}.`);
    const attempts = row.attempt === 0 ? [] : readAttempts(row.id);
    const taking = takeRequest(row, { ...options, attempts, token: createSecret() });
    if (!taking) return undefined;
    lease(taking, options.query);
    addLines(taking, options.query);
    for (const moment of toTakenMoments(taking)) record({ requestId: row.id, at: options.query.now, moment });
    return taking;
  };
}

function prepareLease(db: DatabaseSync): (taking: Taking, query: ClaimQuery) => void {
  const update = prepareCommand(
    db,
    `UPDATE requests SET status = 'processing', ready = 0, attempt = ?, retry_code = NULL, lease_token = ?,
       lease_expires_at = ?, worker = ?, updated_at = ?
     WHERE id = ? AND status = 'queued'`,
  );
  return ({ claim: { lease } }, { now, leaseMs, worker }) => {
    const { requestId, attempt, token } = lease;
    if (update.run(attempt, token, now + leaseMs, worker, now, requestId) === 0)
      throw new Error(`The request ${requestId} is ready and cannot be claimed.`);
  };
}

/** Unsent until `beginCalls`, unless the claim itself begins them. */
function prepareAddLines(db: DatabaseSync): (taking: Taking, query: ClaimQuery) => void {
  const insert = prepareCommand(
    db,
    `INSERT INTO attempts (
       request_id, number, image_index, lease_token, worker, upstream, model, started_at, lease_expires_at,
       estimated_micros, stand_in, sent_at, cost_micros, is_possibly_billed
     ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)`,
  );
  return ({ claim, model, micros }, { worker, now, leaseMs }) => {
    const { requestId, attempt, token } = claim.lease;
    const sentAt = claim.isBegun ? now : null;
    for (const imageIndex of claim.imageIndexes) {
      const key = [requestId, attempt, imageIndex, token, worker];
      insert.run(...key, claim.upstream, model, now, now + leaseMs, micros, toJson(claim.standIn), sentAt);
    }
  };
}
