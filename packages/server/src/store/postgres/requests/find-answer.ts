import type { KeptAnswer } from '../../../core/image-request.ts';
import { type AttemptRow, toAttempt } from '../../rows/request-rows.ts';
import { attemptColumns } from '../database/rows.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

/** From the picture's name to the line of the attempt log and to the owner: three walks of primary keys. */
export const selectAnswer = toStatement<AttemptRow>(
  `SELECT ${attemptColumns} FROM pictures
   JOIN attempts USING (request_id, number, image_index)
   JOIN requests ON requests.id = pictures.request_id
   WHERE pictures.name = $1 AND requests.organization_id = $2`,
);

export async function findAnswer(
  session: Session,
  organizationId: string,
  name: string,
): Promise<KeptAnswer | undefined> {
  const row = await session.get(selectAnswer, name, organizationId);
  return row && toAttempt(row).answer;
}
