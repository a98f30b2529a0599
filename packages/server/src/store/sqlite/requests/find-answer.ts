import type { DatabaseSync } from 'node:sqlite';
import type { KeptAnswer } from '../../../core/image-request.ts';
import { type AttemptRow, toAttempt } from '../../rows/request-rows.ts';
import { prepareQuery } from '../database/statement.ts';

/** From the picture's name to the line of the attempt log and to the owner: three walks of primary keys. */
export function prepareFindAnswer(db: DatabaseSync): (organizationId: string, name: string) => KeptAnswer | undefined {
  const select = prepareQuery<AttemptRow>(
    db,
    `SELECT attempts.* FROM pictures
     JOIN attempts USING (request_id, number, image_index)
     JOIN requests ON requests.id = pictures.request_id
     WHERE pictures.name = ? AND requests.organization_id = ?`,
  );
  return (organizationId, name) => {
    const row = select.get(name, organizationId);
    return row && toAttempt(row).answer;
  };
}
