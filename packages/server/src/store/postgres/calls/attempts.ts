import type { Attempt } from '../../../core/image-request.ts';
import { type AttemptRow, toAttempt } from '../../rows/request-rows.ts';
import { attemptColumns } from '../database/rows.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

/**
 *     Index Scan using attempts_pkey on attempts
 *       Index Cond: (request_id = ANY ($1))
 */
export const selectAttempts = toStatement<AttemptRow>(
  `SELECT ${attemptColumns} FROM attempts WHERE request_id = ANY ($1::text[]) ORDER BY request_id, number, image_index`,
);

/** The attempt logs of some requests, each in order of number and image. */
export async function readAttempts(
  session: Session,
  requestIds: readonly string[],
): Promise<(requestId: string) => readonly Attempt[]> {
  const rows = requestIds.length === 0 ? [] : await session.all(selectAttempts, requestIds);
  const logs = Map.groupBy(rows.map(toAttempt), ({ requestId }) => requestId);
  return (requestId) => logs.get(requestId) ?? [];
}

const selectOwnAttempts = toStatement<AttemptRow>(
  `SELECT ${attemptColumns} FROM attempts WHERE request_id = $1
     AND EXISTS (SELECT 1 FROM requests WHERE id = $1 AND organization_id = $2)
   ORDER BY number, image_index`,
);

/** The same for outside callers: empty when the request does not belong to the organization. */
export async function findAttempts(
  session: Session,
  organizationId: string,
  requestId: string,
): Promise<readonly Attempt[]> {
  return (await session.all(selectOwnAttempts, requestId, organizationId)).map(toAttempt);
}
