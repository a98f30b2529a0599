import type { DatabaseSync } from 'node:sqlite';
import { nearMs } from '../../../core/choose-model.ts';
import { maxLookedThrough } from '../../decisions/claims.ts';
import { prepareQuery } from '../database/statement.ts';

export interface HurriedRow {
  readonly seq: number;
  readonly id: string;
  readonly organization_id: string;
  readonly model: string;
}

/**
 * Ready requests whose deadline may be near and which another model may make, the nearest first.
 *
 *     SEARCH requests USING INDEX requests_by_deadline (deadline_at<?)
 */
export function prepareFindHurried(db: DatabaseSync): (now: number) => readonly HurriedRow[] {
  const select = prepareQuery<HurriedRow>(
    db,
    `SELECT seq, id, organization_id, model FROM (
       SELECT * FROM requests WHERE status = 'queued' AND deadline_at <= ? ORDER BY deadline_at LIMIT ${maxLookedThrough}
     ) AS near WHERE ready = 1 AND allows_stand_in = 1 AND NOT EXISTS (
       SELECT 1 FROM organizations WHERE id = near.organization_id AND suspended_at IS NOT NULL
     )`,
  );
  return (now) => select.all(now + nearMs);
}
