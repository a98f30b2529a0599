import type { RequestStore } from '../request-store.ts';
import type { Session } from './session.ts';
import { toStatement } from './statement.ts';

const selectRequest = toStatement('SELECT 1 FROM requests WHERE id = $1');

/** One walk of the primary key. */
export async function exists(session: Session, id: string): Promise<boolean> {
  return (await session.get(selectRequest, id)) !== undefined;
}

const selectAnswered = toStatement(
  'SELECT 1 FROM attempts WHERE request_id = $1 AND number = $2 AND image_index = $3 AND answer IS NOT NULL',
);

/** One walk of the primary key of the attempt log. */
export async function hasAnswer(
  session: Session,
  { requestId, attempt, imageIndex }: Parameters<RequestStore['hasAnswer']>[0],
): Promise<boolean> {
  return (await session.get(selectAnswered, requestId, attempt, imageIndex)) !== undefined;
}
