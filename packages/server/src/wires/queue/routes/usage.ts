import { type UsageReport, usageQuerySchema } from '@darkroom/protocol';
import type { FastifyInstance } from 'fastify';
import { createInputProblem, parseInput } from '../../../core/parse-input.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { BudgetStore } from '../../../store/budget-store.ts';
import { toUsageRow } from '../records/usage.ts';
import { sumUsage, sumUsageBy } from '../records/usage-sums.ts';

export interface UsageRouteOptions {
  readonly budgets: BudgetStore;
  readonly clock: Clock;
}

/** A year and its leap day: the rows of a report are held in memory. */
const maxDays = 366;
const dayMs = 24 * 3_600_000;

/** `GET …/usage`: what the organization has spent. */
export function registerUsageRoutes(app: FastifyInstance, { budgets, clock }: UsageRouteOptions): void {
  app.get('/usage', async (request): Promise<UsageReport> => {
    const query = parseInput(usageQuerySchema, request.query, '');
    const to = query.to ?? new Date(clock.now()).toISOString().slice(0, 10);
    const from = query.from ?? `${to.slice(0, 7)}-01`;
    assertSpan(from, to);
    const rows = await budgets.usage({ organizationId: request.caller.organizationId, from, to });
    const sums = sumUsageBy(rows, query.group_by);
    return { from, to, total: toUsageRow(sumUsage(rows)), rows: sums.map(toUsageRow) };
  });
}

function assertSpan(from: string, to: string): void {
  const days = (Date.parse(to) - Date.parse(from)) / dayMs + 1;
  if (days < 1) throw createInputProblem([{ path: 'from', message: `is after the last day, ${to}` }]);
  if (days > maxDays)
    throw createInputProblem([{ path: 'from', message: `is more than ${maxDays} days before ${to}: ask for fewer` }]);
}
