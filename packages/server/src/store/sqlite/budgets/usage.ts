import type { DatabaseSync } from 'node:sqlite';
import type { UsageRow } from '../../../core/budgets.ts';
import type { UsageQuery } from '../../budget-store.ts';
import { toUsageOfModels } from '../../rows/usage-rows.ts';
import { prepareQuery } from '../database/statement.ts';

/**
 * Leaves out rows that a requeue has reduced to nothing.
 *
 *     SEARCH usage USING PRIMARY KEY (organization_id=? AND day>? AND day<?)
 */
export function prepareReadUsage(db: DatabaseSync): (query: UsageQuery) => readonly UsageRow[] {
  const select = prepareQuery<UsageRow>(
    db,
    `SELECT day, model, api_key_id AS apiKeyId, success, failed, cancelled, pictures, cost_micros AS costMicros
     FROM usage WHERE organization_id = ? AND day BETWEEN ? AND ?
       AND (success <> 0 OR failed <> 0 OR cancelled <> 0 OR pictures <> 0 OR cost_micros <> 0)
     ORDER BY day, model, api_key_id`,
  );
  // Spread, since SQLite's rows have no prototype.
  return ({ organizationId, from, to }) =>
    toUsageOfModels(select.all(organizationId, from, to).map((row) => ({ ...row })));
}
