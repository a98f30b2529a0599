import type { UsageRow } from '../../../core/budgets.ts';
import type { UsageQuery } from '../../budget-store.ts';
import { toUsageOfModels } from '../../rows/usage-rows.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

/** Leaves out rows that a requeue has reduced to nothing. */
const selectUsage = toStatement<UsageRow>(
  `SELECT day, model, api_key_id AS "apiKeyId", success, failed, cancelled, pictures, cost_micros AS "costMicros"
   FROM usage WHERE organization_id = $1 AND day BETWEEN $2 AND $3
     AND (success <> 0 OR failed <> 0 OR cancelled <> 0 OR pictures <> 0 OR cost_micros <> 0)
   ORDER BY day, model, api_key_id`,
);

export async function readUsage(
  session: Session,
  { organizationId, from, to }: UsageQuery,
): Promise<readonly UsageRow[]> {
  return toUsageOfModels(await session.all(selectUsage, organizationId, from, to));
}
