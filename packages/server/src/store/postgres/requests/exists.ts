import type { RequestStore } from '../../request-store.ts';
import { Batch } from '../database/batch.ts';
import type { Database } from '../database/database.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { lockTail } from '../events/record-moments.ts';

const selectRequest = toStatement('SELECT 1 FROM requests WHERE id = $1');

export type Question = (session: Session) => Promise<boolean>;

/**
 * Answers a question with a `no` that stays one. A connection may break, and a process be killed, while a COMMIT is on its way:
 * nobody sees what it writes yet, and it may be kept all the same. Whoever has sent a COMMIT holds the tail of the history
 * (`recordMoments` is the last write of a transaction), and holds it until all can see what was written: behind the tail nothing
 * is on its way any more. A `yes` takes no lock, and questions that come together share one.
 */
export function createFinalAnswers(db: Database): Batch<Question, boolean> {
  return new Batch({
    run: (questions) =>
      db.transaction(async (session) => {
        await lockTail(session);
        return Promise.all(questions.map((ask) => ask(session)));
      }),
  });
}

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
