import type { DatabaseSync } from 'node:sqlite';
import type { Lease } from '../../../core/image-request.ts';
import { toNewsKeys } from '../../../core/upstream-health.ts';
import { takeBack } from '../../../core/upstream-pool.ts';
import { prepareQuery } from '../database/statement.ts';
import { prepareRecordMoment } from '../events/record-moments.ts';
import { prepareChangeStates } from '../upstreams/upstream-states.ts';

/** Ends the lines of an attempt that are still under way: sent ones may have been charged for, unsent ones go. */
export function prepareEndLeftovers(
  db: DatabaseSync,
): (lease: Lease, end: { readonly result: 'lost' | 'interrupted'; readonly now: number }) => void {
  const removeUnsent = prepareRemoveUnsent(db);
  const record = prepareRecordMoment(db);
  const update = prepareQuery<{ readonly image_index: number; readonly cost_micros: number }>(
    db,
    `UPDATE attempts SET result = ?, ended_at = ?, is_possibly_billed = 1
     WHERE request_id = ? AND number = ? AND lease_token = ? AND result IS NULL
     RETURNING image_index, cost_micros`,
  );
  return (lease, { result, now }) => {
    removeUnsent(lease, now);
    const { requestId, attempt, token } = lease;
    for (const { image_index: image, cost_micros: costMicros } of update.all(result, now, requestId, attempt, token)) {
      record({ requestId, at: now, moment: { kind: 'answered', attempt, image, result, costMicros } });
    }
  };
}

/** Removes the lines of an attempt that were granted and never sent, as if they had not been granted. */
export function prepareRemoveUnsent(db: DatabaseSync): (lease: Lease, now: number) => void {
  const takeBackCall = prepareTakeBack(db);
  const remove = prepareQuery<UnsentRow>(
    db,
    `DELETE FROM attempts WHERE request_id = ? AND number = ? AND lease_token = ? AND sent_at IS NULL AND result IS NULL
     RETURNING upstream, model, started_at`,
  );
  return (lease, now) => {
    for (const row of remove.all(lease.requestId, lease.attempt, lease.token)) takeBackCall(row, now);
  };
}

interface UnsentRow {
  readonly upstream: string;
  readonly model: string;
  readonly started_at: number;
}

/** Gives back to its upstream what the grant of an unsent call has counted. */
export function prepareTakeBack(db: DatabaseSync): (row: UnsentRow, now: number) => void {
  const changeStates = prepareChangeStates(db);
  return (row, now) =>
    changeStates(toNewsKeys(row), (_key, state) => takeBack(state, { grantedAt: row.started_at, now }));
}
