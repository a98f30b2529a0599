import type { DatabaseSync } from 'node:sqlite';
import type { CallEnd, Lease } from '../../core/image-request.ts';
import { prepareCommand } from './query.ts';
import { toJson } from './rows.ts';

/**
 * Guarded by the line's own lease, not by the request's: the end of a call is true also when the request has moved on.
 * The request's cost grows only by lines that this write ended, so the same end told twice is paid once.
 */
export function prepareEndCalls(db: DatabaseSync): (lease: Lease, ends: readonly CallEnd[]) => void {
  const endLine = prepareCommand(
    db,
    `UPDATE attempts SET ended_at = ?, result = ?, cost_micros = ?, is_possibly_billed = ?, failure = ?, answer = ?,
       usage = ?, model_version = ?, response_id = ?
     WHERE request_id = ? AND number = ? AND image_index = ? AND lease_token = ?
       AND (result IS NULL OR result = 'lost')`,
  );
  const addCost = prepareCommand(db, 'UPDATE requests SET cost_micros = cost_micros + ? WHERE id = ?');
  const addPicture = prepareCommand(
    db,
    'INSERT INTO pictures (name, request_id, number, image_index) VALUES (?, ?, ?, ?)',
  );

  return (lease, ends) => {
    const written = ends.filter((end) => endLine.run(...toColumns(end), ...toKey(lease, end)) > 0);
    const costMicros = written.reduce((sum, end) => sum + end.costMicros, 0);
    if (costMicros > 0) addCost.run(costMicros, lease.requestId);
    for (const { imageIndex, answer } of written) {
      for (const part of answer?.parts ?? []) {
        if (part.kind === 'picture') addPicture.run(part.picture.name, lease.requestId, lease.attempt, imageIndex);
      }
    }
  };
}

function toColumns(end: CallEnd) {
  return [
    end.endedAt,
    end.result,
    end.costMicros,
    end.isPossiblyBilled ? 1 : 0,
    toJson(end.failure),
    toJson(end.answer),
    toJson(end.usage),
    end.modelVersion ?? null,
    end.responseId ?? null,
  ];
}

function toKey(lease: Lease, end: CallEnd) {
  return [lease.requestId, lease.attempt, end.imageIndex, lease.token];
}
