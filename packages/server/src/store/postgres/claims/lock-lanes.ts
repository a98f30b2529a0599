import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

/** A locked lane: no other transaction writes its requests until this one ends. */
export interface LockedLane {
  readonly organization_id: string;
  readonly model: string;
  readonly turn: number;
  readonly ready: number;
  readonly queued: number;
  readonly is_suspended: boolean;
  readonly has_budgets: boolean;
}

export const lockLanesOfOrganizations = toStatement<LockedLane>(
  `SELECT organization_id, model, turn, ready, queued, is_suspended, EXISTS (SELECT 1 FROM budgets) AS has_budgets
   FROM lanes WHERE organization_id = ANY ($1::text[]) ORDER BY organization_id, model FOR NO KEY UPDATE OF lanes`,
);

const insertLanes = toStatement(
  `INSERT INTO lanes (organization_id, model, turn)
   SELECT organization_id, model, coalesce((
     SELECT max(turn) FROM lanes WHERE lanes.organization_id = fresh.organization_id
   ), 0)
   FROM unnest($1::text[], $2::text[]) AS fresh (organization_id, model)
   ORDER BY organization_id, model ON CONFLICT DO NOTHING`,
);

interface Key {
  readonly organizationId: string;
  readonly model: string;
}

/** All lanes of the organizations. */
export function lockLanes(session: Session, organizationIds: readonly string[]): Promise<readonly LockedLane[]> {
  return session.all(lockLanesOfOrganizations, [...new Set(organizationIds)]);
}

/** The same, and creates missing lanes. */
export async function ensureLanes(session: Session, keys: readonly Key[]): Promise<readonly LockedLane[]> {
  const organizationIds = keys.map(({ organizationId }) => organizationId);
  const lanes = await lockLanes(session, organizationIds);
  const missing = keys.filter(
    (key) => !lanes.some((lane) => lane.organization_id === key.organizationId && lane.model === key.model),
  );
  if (missing.length === 0) return lanes;
  await session.run(
    insertLanes,
    missing.map(({ organizationId }) => organizationId),
    missing.map(({ model }) => model),
  );
  return lockLanes(session, organizationIds);
}
