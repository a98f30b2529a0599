import {
  type Budget,
  type BudgetPeriod,
  type BudgetScope,
  type BudgetStatus,
  toWindow,
} from '../../../core/budgets.ts';
import type { BudgetStore } from '../../budget-store.ts';
import { findOverdrawn } from '../../decisions/budgets.ts';
import type { NewRequest } from '../../request-store.ts';
import { type BudgetKey, type BudgetRow, toBudgetStatus, toWindows } from '../../rows/budget-rows.ts';
import { toCostColumns } from '../../rows/request-rows.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

const lockBudgets = toStatement<BudgetRow>(
  `SELECT scope, id, period, limit_micros FROM budgets
   WHERE (scope = 'organization' AND id = ANY ($1::text[])) OR (scope = 'key' AND id = ANY ($2::text[]))
   ORDER BY scope, id, period FOR NO KEY UPDATE`,
);

const selectWindows = toStatement<{
  readonly scope: BudgetScope;
  readonly id: string;
  readonly period: BudgetPeriod;
  readonly counted_window: string;
  readonly used_micros: number;
}>(
  `SELECT scope, id, period, counted_window, used_micros FROM budget_windows
   WHERE (scope = 'organization' AND id = ANY ($1::text[])) OR (scope = 'key' AND id = ANY ($2::text[]))`,
);

/**
 * The budgets of some submits. They are locked: no other transaction draws on them until this one ends.
 *
 * Differs from the twin because the requests of a batch are inserted together: each has to count the ones before it itself.
 */
export class LockedBudgets {
  readonly #budgets: readonly BudgetRow[];
  /** What is used, by the key of the window. */
  readonly #used: Map<string, number>;

  private constructor(budgets: readonly BudgetRow[], used: Map<string, number>) {
    this.#budgets = budgets;
    this.#used = used;
  }

  static async lock(session: Session, requests: readonly NewRequest[]): Promise<LockedBudgets> {
    const organizations = [...new Set(requests.map(({ organizationId }) => organizationId))];
    const keys = [...new Set(requests.map(({ apiKeyId }) => apiKeyId))];
    const budgets = await session.all(lockBudgets, organizations, keys);
    const windows = budgets.length === 0 ? [] : await session.all(selectWindows, organizations, keys);
    return new LockedBudgets(budgets, new Map(windows.map((one) => [toKey(one, one.counted_window), one.used_micros])));
  }

  findOverdrawn(request: NewRequest): BudgetStatus | undefined {
    return findOverdrawn(this.#of(request), toCostColumns(request).reserved);
  }

  /** Counts a request of the same transaction; a trigger writes the count to the row. */
  reserve(request: NewRequest): void {
    for (const budget of this.#of(request)) {
      const key = toKey(budget, toWindow(budget.period, request.createdAt));
      this.#used.set(key, budget.usedMicros + toCostColumns(request).reserved);
    }
  }

  #of({ organizationId, apiKeyId, createdAt }: NewRequest): BudgetStatus[] {
    return this.#budgets
      .filter(({ scope, id }) => id === (scope === 'key' ? apiKeyId : organizationId))
      .map((row) =>
        toBudgetStatus({ ...row, used_micros: this.#used.get(toKey(row, toWindow(row.period, createdAt))) ?? 0 }),
      );
  }
}

function toKey({ scope, id, period }: BudgetKey, window: string): string {
  return [scope, period, window, id].join('\n');
}

const lockAllLanes = 'LOCK TABLE lanes IN EXCLUSIVE MODE';

const upsertBudget = toStatement(
  `INSERT INTO budgets (scope, id, period, limit_micros) VALUES ($1, $2, $3, $4)
   ON CONFLICT (scope, id, period) DO UPDATE SET limit_micros = excluded.limit_micros`,
);

const upsertWindow = toStatement(
  `INSERT INTO budget_windows (scope, id, period, counted_window, used_micros) VALUES ($1, $2, $3, $4, $5)
   ON CONFLICT (scope, id, period, counted_window) DO UPDATE SET used_micros = excluded.used_micros`,
);

/**
 * Counts what is already used; from then on triggers keep the count. Differs from the twin because other processes write at the
 * same time: everyone who changes requests holds a lane, so locking all lanes waits for the writes under way, and later ones find
 * the budget.
 */
export async function setBudget(
  session: Session,
  { scope, id, period, limitMicros }: Budget,
  now: number,
): Promise<void> {
  await session.script(lockAllLanes);
  const window = toWindow(period, now);
  await session.run(upsertBudget, scope, id, period, limitMicros);
  const [spent] = await session.all(sumOfUsage[scope], id, window);
  const [reserved] = await session.all(sumOfOpen[scope], id, window);
  await session.run(upsertWindow, scope, id, period, window, (spent?.micros ?? 0) + (reserved?.micros ?? 0));
}

const selectBudget = toStatement<{ readonly limit_micros: number }>(
  'SELECT limit_micros FROM budgets WHERE scope = $1 AND id = $2 AND period = $3',
);

/** Without what is used of it. Nobody else changes budgets until the transaction ends. */
export async function lockBudget(session: Session, { scope, id, period }: BudgetKey): Promise<Budget | undefined> {
  await session.script(lockAllLanes);
  const row = await session.get(selectBudget, scope, id, period);
  return row && { scope, id, period, limitMicros: row.limit_micros };
}

const deleteBudget = toStatement('DELETE FROM budgets WHERE scope = $1 AND id = $2 AND period = $3');

export async function removeBudget(session: Session, { scope, id, period }: BudgetKey): Promise<boolean> {
  await session.script(lockAllLanes);
  return (await session.run(deleteBudget, scope, id, period)) > 0;
}

/** A window in which nothing has been counted yet has no row. */
const selectBudgets = toStatement<BudgetRow>(
  `SELECT scope, id, period, limit_micros, (
     SELECT used_micros FROM budget_windows AS counted
     WHERE counted.scope = budgets.scope AND counted.id = budgets.id AND counted.period = budgets.period
       AND counted_window = CASE budgets.period WHEN 'day' THEN $1 ELSE $2 END
   ) AS used_micros FROM budgets WHERE scope = coalesce($3, scope) AND id = coalesce($4, id) ORDER BY scope, id, period`,
);

export async function listBudgets(
  session: Session,
  { now, of }: Parameters<BudgetStore['list']>[0],
): Promise<readonly BudgetStatus[]> {
  const [day = '', month = ''] = toWindows(now);
  const rows = await session.all(selectBudgets, day, month, of?.scope ?? null, of?.id ?? null);
  return rows.map(toBudgetStatus);
}

interface Micros {
  readonly micros: number;
}

/** What the requests of a window have cost. A month is a prefix of its days, and '~' comes after all of them. */
const sumOfUsage = {
  key: toStatement<Micros>(toSumOfUsage('api_key_id')),
  organization: toStatement<Micros>(toSumOfUsage('organization_id')),
} as const satisfies Record<BudgetScope, unknown>;

function toSumOfUsage(owner: string): string {
  return `SELECT coalesce(sum(cost_micros), 0) AS micros FROM usage
    WHERE ${owner} = $1 AND day >= $2 AND day < $2 || '~'`;
}

/** What open requests may cost. This walks all open requests of the scope; only setting a budget pays for it. */
const sumOfOpen = {
  key: toStatement<Micros>(toSumOfOpen('requests.api_key_id')),
  organization: toStatement<Micros>(toSumOfOpen('lanes.organization_id')),
} as const satisfies Record<BudgetScope, unknown>;

function toSumOfOpen(owner: string): string {
  return `SELECT coalesce(sum(estimated_cost_micros), 0) AS micros
    FROM lanes JOIN requests ON requests.organization_id = lanes.organization_id AND requests.model = lanes.model
    WHERE lanes.queued + lanes.processing > 0 AND requests.status IN ('queued', 'processing')
      AND ${owner} = $1 AND starts_with(day_of(requests.queued_at), $2)`;
}
