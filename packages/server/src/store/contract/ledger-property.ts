import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BudgetPeriod, type BudgetScope, toWindow, type UsageRow } from '../../core/budgets.ts';
import type { Attempt, ImageRequest } from '../../core/image-request.ts';
import { type LedgerStep, LedgerWalk, ledgerOrganizations } from './ledger-walk.ts';
import type { CreateStoreUnderTest } from './use-store.ts';

const organizationId = fc.constantFrom(...ledgerOrganizations);
const apiKeyId = fc.constantFrom('key-1', 'key-2');
const verdict = fc.constantFrom('succeed', 'fail', 'retry', 'interrupt');
/** Which of the requests or leases so far; 0 is the last. */
const nth = fc.nat({ max: 3 });
const costMicros = fc.nat({ max: 200_000 });

const step: fc.Arbitrary<LedgerStep> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('submit'), organizationId, apiKeyId }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('claim'), limit: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('endCall'), nth, costMicros }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('settle'), nth, verdict, costMicros }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rescue'), verdict }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel'), nth }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('requeue'), nth }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('setBudgets') }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass'), hours: fc.constantFrom(0.001, 0.001, 1, 12, 72) }) },
);

export function describeLedgerProperty(create: CreateStoreUnderTest): void {
  describe('whatever happens to requests, in whatever order', () => {
    it('usage is what the attempts have cost, budgets are that and what open requests may cost', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 50, size: 'max' }), async (steps) => {
          const under = await create();
          try {
            const walk = new LedgerWalk(under);
            await walk.setBudgets();
            for (const one of steps) {
              await walk.take(one);
              await compare(walk);
            }
          } finally {
            await under.destroy();
          }
        }),
        toParameters(process.env),
      );
    }, 120_000);
  });
}

/** FC_SEED repeats a failure, FC_NUM_RUNS makes it longer. */
function toParameters({ FC_SEED: seed, FC_NUM_RUNS: runs }: NodeJS.ProcessEnv): fc.Parameters<[LedgerStep[]]> {
  return { numRuns: Number(runs ?? 25), ...(seed && { seed: Number(seed) }) };
}

async function compare(walk: LedgerWalk): Promise<void> {
  const kept = await readAll(walk);
  for (const { request, attempts } of kept) expect(request.costMicros).toBe(sum(attempts, toCost));
  for (const { scope, id, period, usedMicros } of await walk.under.budgets.list({ now: walk.now })) {
    expect(usedMicros).toBe(toUsed(kept, { scope, id, window: toWindow(period, walk.now), period }));
  }
  for (const organizationId of ledgerOrganizations) {
    const own = kept.filter(({ request }) => request.organizationId === organizationId);
    const usage = await walk.under.budgets.usage({ organizationId, from: '2025-01-01', to: '2027-01-01' });
    expect(usage).toEqual(toUsage(own));
  }
}

interface Kept {
  readonly request: ImageRequest;
  readonly attempts: readonly Attempt[];
}

async function readAll({ under: { store } }: LedgerWalk): Promise<readonly Kept[]> {
  const pages = ledgerOrganizations.map((organizationId) => store.list({ organizationId, limit: 1_000 }));
  const requests = (await Promise.all(pages)).flatMap((page) => page.requests);
  return Promise.all(
    requests.map(async (request) => ({
      request,
      attempts: await store.attempts(request.organizationId, request.id),
    })),
  );
}

interface Window {
  readonly scope: BudgetScope;
  readonly id: string;
  readonly period: BudgetPeriod;
  readonly window: string;
}

function toUsed(kept: readonly Kept[], { scope, id, period, window }: Window): number {
  const counted = kept.filter(({ request }) => {
    const owner = scope === 'key' ? request.apiKeyId : request.organizationId;
    return owner === id && toWindow(period, request.queuedAt) === window;
  });
  return sum(counted, ({ request: { status, estimatedCostMicros, costMicros } }) => {
    const isOpen = status === 'queued' || status === 'processing';
    return (isOpen ? estimatedCostMicros : 0) + costMicros;
  });
}

function toUsage(kept: readonly Kept[]): readonly UsageRow[] {
  const groups = Map.groupBy(kept, ({ request: { queuedAt, model, apiKeyId } }) =>
    [toWindow('day', queuedAt), model, apiKeyId].join(' '),
  );
  const rows = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, group]): UsageRow => {
      const [day = '', model = '', apiKeyId = ''] = key.split(' ');
      const count = (status: ImageRequest['status']) => group.filter(({ request }) => request.status === status).length;
      const attempts = group.flatMap((one) => one.attempts);
      return {
        day,
        model,
        apiKeyId,
        success: count('success'),
        failed: count('failed'),
        cancelled: count('cancelled'),
        pictures: sum(attempts, ({ answer }) => answer?.parts.filter(({ kind }) => kind === 'picture').length ?? 0),
        costMicros: sum(attempts, toCost),
      };
    });
  return rows.filter((row) => row.success + row.failed + row.cancelled + row.pictures + row.costMicros > 0);
}

function toCost({ costMicros }: Attempt): number {
  return costMicros;
}

function sum<T>(items: readonly T[], toNumber: (item: T) => number): number {
  return items.reduce((total, item) => total + toNumber(item), 0);
}
