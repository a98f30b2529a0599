import type { DatabaseSync } from 'node:sqlite';
import { type Budget, type BudgetScope, type BudgetStatus, toWindow } from '../../../core/budgets.ts';
import type { BudgetStore } from '../../budget-store.ts';
import { findOverdrawn } from '../../decisions/budgets.ts';
import type { NewRequest } from '../../request-store.ts';
import { type BudgetKey, type BudgetRow, toBudgetStatus, toWindows } from '../../rows/budget-rows.ts';
import { toCostColumns } from '../../rows/request-rows.ts';
import { prepareCommand, prepareQuery, type Query } from '../database/statement.ts';

/**
 * Reads what triggers count (migration 004). The insert that follows in the same transaction reserves its price through them.
 *
 *     SEARCH budgets USING PRIMARY KEY (scope=? AND id=?)
 */
export function prepareFindOverdrawn(db: DatabaseSync): (request: NewRequest) => BudgetStatus | undefined {
  const select = prepareSelectBudgets(db);
  return (request) => {
    const { organizationId, apiKeyId, createdAt } = request;
    const budgets = [...select('key', apiKeyId, createdAt), ...select('organization', organizationId, createdAt)];
    return findOverdrawn(budgets, toCostColumns(request).reserved);
  };
}

/**
 * Counts what is already used; from then on triggers keep the count. Setting the budget again counts again, with the same result.
 */
export function prepareSetBudget(db: DatabaseSync): (budget: Budget, now: number) => void {
  const upsertBudget = prepareCommand(
    db,
    `INSERT INTO budgets (scope, id, period, limit_micros) VALUES (?, ?, ?, ?)
     ON CONFLICT (scope, id, period) DO UPDATE SET limit_micros = excluded.limit_micros`,
  );
  const upsertWindow = prepareCommand(
    db,
    `INSERT INTO budget_windows (scope, id, period, counted_window, used_micros) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (scope, id, period, counted_window) DO UPDATE SET used_micros = excluded.used_micros`,
  );
  const countUsed = prepareCountUsed(db);
  return ({ scope, id, period, limitMicros }, now) => {
    const window = toWindow(period, now);
    upsertBudget.run(scope, id, period, limitMicros);
    upsertWindow.run(scope, id, period, window, countUsed({ scope, id }, window));
  };
}

export function prepareRemoveBudget(db: DatabaseSync): (budget: BudgetKey) => boolean {
  const remove = prepareCommand(db, 'DELETE FROM budgets WHERE scope = ? AND id = ? AND period = ?');
  return ({ scope, id, period }) => remove.run(scope, id, period) > 0;
}

/** Without what is used of it. */
export function prepareFindBudget(db: DatabaseSync): (budget: BudgetKey) => Budget | undefined {
  const select = prepareQuery<{ readonly limit_micros: number }>(
    db,
    'SELECT limit_micros FROM budgets WHERE scope = ? AND id = ? AND period = ?',
  );
  return ({ scope, id, period }) => {
    const row = select.get(scope, id, period);
    return row && { scope, id, period, limitMicros: row.limit_micros };
  };
}

export function prepareListBudgets(
  db: DatabaseSync,
): (query: Parameters<BudgetStore['list']>[0]) => readonly BudgetStatus[] {
  const selectAll = prepareQuery<BudgetRow>(db, `${selectBudgets} ORDER BY scope, id, period`);
  const select = prepareSelectBudgets(db);
  return ({ now, of }) => (of ? select(of.scope, of.id, now) : selectAll.all(...toWindows(now)).map(toBudgetStatus));
}

/** A window in which nothing has been counted yet has no row. */
const selectBudgets = `SELECT scope, id, period, limit_micros, (
    SELECT used_micros FROM budget_windows AS counted
    WHERE counted.scope = budgets.scope AND counted.id = budgets.id AND counted.period = budgets.period
      AND counted_window = CASE budgets.period WHEN 'day' THEN ?1 ELSE ?2 END
  ) AS used_micros FROM budgets`;

function prepareSelectBudgets(db: DatabaseSync) {
  const select = prepareQuery<BudgetRow>(db, `${selectBudgets} WHERE scope = ?3 AND id = ?4 ORDER BY period`);
  return (scope: BudgetScope, id: string, now: number): readonly BudgetStatus[] =>
    select.all(...toWindows(now), scope, id).map(toBudgetStatus);
}

/**
 * What the requests of a window have cost, by the index of usage, and what open requests may cost. The latter walks all open
 * requests of the scope; only setting a budget pays for it.
 *
 *     SEARCH requests USING INDEX requests_by_lane (organization_id=? AND model=? AND status=?)
 */
function prepareCountUsed(db: DatabaseSync): (budget: Pick<Budget, 'scope' | 'id'>, window: string) => number {
  const spent: Readonly<Record<BudgetScope, Query<Micros>>> = {
    key: prepareQuery(db, `${sumOfUsage} WHERE api_key_id = ?1 ${daysOfWindow}`),
    organization: prepareQuery(db, `${sumOfUsage} WHERE organization_id = ?1 ${daysOfWindow}`),
  };
  const reserved: Readonly<Record<BudgetScope, Query<Micros>>> = {
    key: prepareQuery(db, `${sumOfOpen} AND requests.api_key_id = ?1`),
    organization: prepareQuery(db, `${sumOfOpen} AND lanes.organization_id = ?1`),
  };
  return ({ scope, id }, window) =>
    (spent[scope].get(id, window)?.micros ?? 0) + (reserved[scope].get(id, window)?.micros ?? 0);
}

interface Micros {
  readonly micros: number;
}

const sumOfUsage = 'SELECT coalesce(sum(cost_micros), 0) AS micros FROM usage';

/** A month is a prefix of its days, and '~' comes after all of them. */
const daysOfWindow = `AND day >= ?2 AND day < ?2 || '~'`;

/** A CROSS JOIN keeps its order: lanes first, so that no walk reads requests that have ended. */
const sumOfOpen = `SELECT coalesce(sum(estimated_cost_micros), 0) AS micros
  FROM lanes CROSS JOIN requests ON requests.organization_id = lanes.organization_id AND requests.model = lanes.model
  WHERE lanes.queued + lanes.processing > 0 AND requests.status IN ('queued', 'processing')
    AND substr(date(requests.queued_at / 1000, 'unixepoch'), 1, length(?2)) = ?2`;
