import type { DatabaseSync } from 'node:sqlite';
import type { Lease } from '../../../core/image-request.ts';
import { type LeftoverResult, toLeftoverAnswered } from '../../decisions/calls.ts';
import { toTakeBack } from '../../decisions/upstream-states.ts';
import { prepareQuery } from '../database/statement.ts';
import { prepareRecordMoment } from '../events/record-moments.ts';
import { prepareChangeStates } from '../upstreams/upstream-states.ts';

/** Ends the lines of an attempt that are still under way. Sent lines may have been charged for; unsent lines are removed. */
export function prepareEndLeftovers(
  db: DatabaseSync,
): (lease: Lease, end: { readonly result: LeftoverResult; readonly now: number }) => void {
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
    for (const row of update.all(result, now, requestId, attempt, token))
      record({ requestId, at: now, moment: toLeftoverAnswered(lease, row, result) });
  };
}

/** Removes the lines of an attempt that were granted and never sent, as if they had not been granted. */
export function prepareRemoveUnsent(db: DatabaseSync): (lease: Lease, now: number) => void {
  const changeStates = prepareChangeStates(db);
  const remove = prepareQuery<UnsentRow>(
    db,
    `DELETE FROM attempts WHERE request_id = ? AND number = ? AND lease_token = ? AND sent_at IS NULL AND result IS NULL
     RETURNING upstream, model, started_at`,
  );
  return (lease, now) => {
    const removed = remove.all(lease.requestId, lease.attempt, lease.token);
    changeStates(removed.map((row) => toTakeBack(row, now)));
  };
}

interface UnsentRow {
  readonly upstream: string;
  readonly model: string;
  readonly started_at: number;
}
