import type { DatabaseSync } from 'node:sqlite';
import type { Trace } from '../../damage/poisoned-rows.ts';
import { maxPromotions } from '../../decisions/claims.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';

/**
 * One statement, unless some rows are left out.
 *
 *     SEARCH requests USING INDEX requests_waiting (available_at<?)
 */
export function preparePromote(db: DatabaseSync): (now: number, trace: Trace) => void {
  const due = `FROM requests WHERE status = 'queued' AND ready = 0 AND available_at <= ?
       ORDER BY available_at LIMIT ${maxPromotions}`;
  const promote = prepareCommand(db, `UPDATE requests SET ready = 1 WHERE seq IN (SELECT seq ${due})`);
  const selectDue = prepareQuery<{ readonly id: string }>(db, `SELECT id ${due}`);
  const promoteOne = prepareCommand(db, 'UPDATE requests SET ready = 1 WHERE id = ?');
  return (now, trace) => {
    if (!trace.isAlone && trace.aside.size === 0) {
      promote.run(now);
      return;
    }
    const limit = trace.isAlone ? 1 : maxPromotions;
    for (const { id } of trace.choose(selectDue.all(now), { idOf: (row) => row.id, limit })) {
      trace.touch(id);
      promoteOne.run(id);
    }
  };
}
