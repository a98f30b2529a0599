import type { DatabaseSync } from 'node:sqlite';
import type { Lease } from '../../../core/image-request.ts';
import { maySend } from '../../decisions/calls.ts';
import { prepareQuery } from '../database/statement.ts';
import { prepareRecordMoment } from '../events/record-moments.ts';

/** Reads the lease and marks the lines in one transaction, so nothing is sent on a lease that is gone. */
export function prepareBeginCalls(
  db: DatabaseSync,
): (lease: Lease, calls: { readonly imageIndexes: readonly number[]; readonly now: number }) => boolean {
  const holder = prepareQuery<{ readonly seq: number }>(
    db,
    `SELECT seq FROM requests WHERE id = ? AND status = 'processing' AND lease_token = ?`,
  );
  const markSent = prepareQuery<{ readonly upstream: string }>(
    db,
    `UPDATE attempts SET sent_at = ?
     WHERE request_id = ? AND number = ? AND image_index = ? AND lease_token = ? AND sent_at IS NULL AND result IS NULL
     RETURNING upstream`,
  );
  const earlierAnswers = prepareQuery<{ readonly image_index: number }>(
    db,
    'SELECT image_index FROM attempts WHERE request_id = ? AND number < ? AND answer IS NOT NULL',
  );
  const record = prepareRecordMoment(db);

  return ({ requestId, attempt, token }, { imageIndexes, now }) => {
    const isHeld = holder.get(requestId, token) !== undefined;
    const brought = isHeld && attempt > 1 ? earlierAnswers.all(requestId, attempt) : [];
    const isBrought = (imageIndex: number) => brought.some((line) => line.image_index === imageIndex);
    if (!maySend(imageIndexes, { isHeld, isBrought })) return false;
    for (const imageIndex of imageIndexes) {
      const line = markSent.get(now, requestId, attempt, imageIndex, token);
      if (!line) throw new Error(`Attempt ${attempt} at ${requestId} has no unsent call for image ${imageIndex}.`);
      const moment = { kind: 'sent', attempt, image: imageIndex, upstream: line.upstream } as const;
      record({ requestId, at: now, moment });
    }
    return true;
  };
}
