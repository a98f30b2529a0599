import { nearMs } from '../../../core/choose-model.ts';
import { maxLookedThrough } from '../../decisions/claims.ts';
import type { WorkRow } from '../../rows/request-rows.ts';
import { payloadOfRequest, workColumns } from '../database/rows.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

export interface HurriedRow {
  readonly id: string;
  readonly organization_id: string;
}

/**
 * Ready requests of some models whose deadline may be near and which another model may make, the nearest first.
 *
 *     Index Scan using requests_by_deadline on requests
 *       Index Cond: (deadline_at <= …)
 */
const selectHurried = toStatement<HurriedRow>(
  `SELECT id, organization_id FROM (
     SELECT id, organization_id, model, ready, allows_stand_in, deadline_at FROM requests
     WHERE status = 'queued' AND deadline_at <= $1 ORDER BY deadline_at LIMIT ${maxLookedThrough}
   ) AS near WHERE ready AND allows_stand_in AND model = ANY ($2::text[]) AND NOT EXISTS (
     SELECT 1 FROM organizations WHERE organizations.id = near.organization_id AND suspended_at IS NOT NULL
   ) ORDER BY deadline_at LIMIT $3`,
);

export interface HurriedQuery {
  readonly models: readonly string[];
  readonly limit: number;
  readonly now: number;
}

/** Nothing is locked yet. */
export async function findHurried(
  session: Pick<Session, 'all'>,
  { models, limit, now }: HurriedQuery,
): Promise<readonly HurriedRow[]> {
  return models.length === 0 ? [] : session.all(selectHurried, now + nearMs, models, limit);
}

const selectHurriedWork = toStatement<WorkRow>(
  `SELECT ${workColumns} FROM unnest($1::text[]) WITH ORDINALITY AS hurried (id, place)
   CROSS JOIN LATERAL (
     SELECT * FROM requests WHERE id = hurried.id AND ready AND NOT EXISTS (
       SELECT 1 FROM organizations WHERE organizations.id = requests.organization_id AND suspended_at IS NOT NULL
     ) LIMIT 1 FOR NO KEY UPDATE OF requests SKIP LOCKED
   ) AS requests
   CROSS JOIN LATERAL ${payloadOfRequest}
   ORDER BY hurried.place`,
);

/** Those that are still ready and that no other transaction holds; their lanes are locked. */
export function readHurried(session: Session, rows: readonly HurriedRow[]): Promise<readonly WorkRow[]> {
  return session.all(
    selectHurriedWork,
    rows.map(({ id }) => id),
  );
}
