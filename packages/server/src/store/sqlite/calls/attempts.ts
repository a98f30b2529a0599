import type { DatabaseSync } from 'node:sqlite';
import type { Attempt } from '../../../core/image-request.ts';
import { type AttemptRow, toAttempt } from '../../rows/request-rows.ts';
import { prepareQuery } from '../database/statement.ts';

/** The attempt log of a request, in order of number and image: one walk of the primary key. */
export function prepareReadAttempts(db: DatabaseSync): (requestId: string) => readonly Attempt[] {
  const select = prepareQuery<AttemptRow>(
    db,
    'SELECT * FROM attempts WHERE request_id = ? ORDER BY number, image_index',
  );
  return (requestId) => select.all(requestId).map(toAttempt);
}

/** The same for outside callers: empty when the request does not belong to the organization. */
export function prepareFindAttempts(
  db: DatabaseSync,
): (organizationId: string, requestId: string) => readonly Attempt[] {
  const readAttempts = prepareReadAttempts(db);
  const owner = prepareQuery<{ readonly seq: number }>(
    db,
    'SELECT seq FROM requests WHERE id = ? AND organization_id = ?',
  );
  return (organizationId, requestId) => (owner.get(requestId, organizationId) ? readAttempts(requestId) : []);
}
