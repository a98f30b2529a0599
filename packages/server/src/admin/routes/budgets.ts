import { type BudgetList, type BudgetRecord, budgetBodySchema, budgetKeySchema } from '@darkroom/protocol';
import type { FastifyInstance } from 'fastify';
import type { Budget } from '../../core/budgets.ts';
import { defaultOrganizationId } from '../../core/organization.ts';
import { parseInput } from '../../core/parse-input.ts';
import { Problem } from '../../core/problem.ts';
import { configuredKeyId, toBy } from '../../http/auth.ts';
import type { Clock } from '../../platform/clock.ts';
import type { BudgetStore } from '../../store/budget-store.ts';
import type { KeyStore } from '../../store/key-store.ts';
import { toBudgetRecord } from '../records/budgets.ts';

export interface BudgetRoutesOptions {
  readonly budgets: BudgetStore;
  readonly keys: KeyStore;
  readonly clock: Clock;
}

type BudgetKey = Omit<Budget, 'limitMicros'>;

/** What keys and organizations may spend. */
export function registerBudgetRoutes(app: FastifyInstance, { budgets, keys, clock }: BudgetRoutesOptions): void {
  const list = async (): Promise<BudgetRecord[]> => (await budgets.list({ now: clock.now() })).map(toBudgetRecord);

  app.get('/budgets', async (): Promise<BudgetList> => ({ budgets: await list() }));

  app.put('/budgets', async ({ body, caller }): Promise<BudgetRecord> => {
    const { scope, id, period, limit_usd } = parseInput(budgetBodySchema, body, '');
    await assertOwner({ scope, id }, keys);
    const budget = { scope, id, period, limitMicros: Math.round(limit_usd * 1_000_000) };
    await budgets.set(budget, clock.now(), toBy(caller, clock));
    const record = (await list()).find(isFor(budget));
    // Another call may have removed it in between.
    if (!record) throw createMissing();
    return record;
  });

  app.delete('/budgets/:scope/:id/:period', async ({ params, caller }, reply) => {
    const key = parseInput(budgetKeySchema, params, '');
    if (!(await budgets.remove(key, toBy(caller, clock)))) throw createMissing();
    return reply.code(204).send();
  });
}

/** A budget without an owner would look like a limit and limit nothing. */
async function assertOwner({ scope, id }: Pick<Budget, 'scope' | 'id'>, keys: KeyStore): Promise<void> {
  const rows = await keys.list();
  const known = new Set(
    scope === 'key'
      ? [configuredKeyId, ...rows.map((key) => key.id)]
      : [defaultOrganizationId, ...rows.flatMap((key) => key.organizationIds)],
  );
  if (known.has(id)) return;
  throw new Problem('not_found', `There is no ${scope} with this id. These exist: ${[...known].join(', ')}.`);
}

function isFor({ scope, id, period }: BudgetKey): (budget: BudgetKey) => boolean {
  return (budget) => budget.scope === scope && budget.id === id && budget.period === period;
}

function createMissing(): Problem {
  return new Problem('not_found', 'There is no such budget. GET /api/v1/admin/budgets lists all budgets.');
}
