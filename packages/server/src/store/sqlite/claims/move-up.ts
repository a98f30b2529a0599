import type { DatabaseSync } from 'node:sqlite';
import { toMovedUp, type WaitingRow } from '../../decisions/moving-up.ts';
import { workColumn } from '../database/rows.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';

/**
 * Goes row by row. The walk stops at the first request whose time has not come, and the trigger of migration 013 counts.
 *
 *     SEARCH requests USING INDEX requests_moving_up (moves_up_at<?)
 */
export function prepareMoveUp(
  db: DatabaseSync,
): (query: { readonly now: number; readonly limit: number }) => readonly string[] {
  const selectDue = prepareQuery<WaitingRow>(
    db,
    `SELECT id, organization_id, model, deadline_at, ${workColumn} FROM requests WHERE status = 'queued' AND moves_up_at <= ?
     ORDER BY moves_up_at LIMIT ?`,
  );
  const update = prepareCommand(db, 'UPDATE requests SET model = ?, moves_up_at = ? WHERE id = ?');
  return ({ now, limit }) =>
    selectDue.all(now, limit).map((row) => {
      const { lane, movesUpAt } = toMovedUp(row, now);
      update.run(lane, movesUpAt ?? null, row.id);
      return row.id;
    });
}
