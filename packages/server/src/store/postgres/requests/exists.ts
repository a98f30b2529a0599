import type { RequestStore } from '../../request-store.ts';
import { Batch } from '../database/batch.ts';
import type { Database } from '../database/database.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { lockTail } from '../events/record-moments.ts';

const selectRequest = toStatement('SELECT 1 FROM requests WHERE id = $1');

export type Question = (session: Session) => Promise<boolean>;

/**
 * Answers a question with a `no` that stays true. A connection may break, or a process may be killed, while a COMMIT is on its
 * way: its write is not visible yet, and it may still be kept. A transaction whose COMMIT was sent holds the tail of the history
 * (`recordMoments` is its last write) until its write is visible. So once the tail is free, no earlier write is still on its way.
 * A `yes` takes no lock, and questions that arrive together share one.
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
