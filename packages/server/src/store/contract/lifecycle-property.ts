import { requestStatuses } from '@darkroom/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toStatus } from '../../core/request-events.ts';
import { leaseMs } from './fixtures.ts';
import type { ModelRequest } from './request-model.ts';
import { pools, type Step, StoreWalk } from './store-walk.ts';
import type { CreateStoreUnderTest } from './use-store.ts';

const organizations = ['org-a', 'org-b', 'org-c'];
const models = pools.map(({ model }) => model);

const worker = fc.nat({ max: 1 });
/** Which of all leases that were given; 0 is the last. So both held and stale ones are used. */
const lease = fc.nat({ max: 6 });
/** Which of all submitted requests; 0 is the last. */
const request = fc.nat({ max: 6 });
const verdict = fc.constantFrom('succeed', 'fail', 'retry', 'interrupt');
const result = fc.constantFrom('succeeded', 'failed', 'interrupted');
const imageIndex = fc.nat({ max: 1 });
const limit = fc.integer({ min: 1, max: 3 });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('submit'),
      worker,
      organizationId: fc.constantFrom(...organizations),
      model: fc.constantFrom(...models),
      priority: fc.nat({ max: 2 }),
      images: fc.integer({ min: 1, max: 2 }),
      deadlineInMs: fc.constantFrom(leaseMs, 10 * leaseMs),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('claim'), worker, limit, pool: fc.nat({ max: 1 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('renew'), worker, lease }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('beginCalls'), worker, lease, images: fc.integer({ min: 1, max: 2 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('endCalls'), worker, lease, imageIndex, result }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('settle'), worker, lease, verdict, ends: fc.array(imageIndex), result }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rescue'), worker, limit, verdict }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('expire'), worker, limit, verdict: fc.constantFrom('succeed', 'fail') }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel'), worker, request }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('requeue'),
      worker,
      // The store queues each once: an operator names no request twice.
      requests: fc.uniqueArray(request, { maxLength: 4 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('pass'), ms: fc.constantFrom(1, 5_000, leaseMs / 2, leaseMs) }),
  },
);

/** A comparison takes fifty statements, and what one step has spoilt is still there after the next. */
const stepsBetween = 3;

export function describeLifecycleProperty(create: CreateStoreUnderTest): void {
  describe('whatever several workers do, in whatever order', () => {
    it('follow the lifecycle; totals, attempt log and history stay correct, and no outcome is ever replaced', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }), async (steps) => {
          const under = await create();
          try {
            const walk = new StoreWalk([under, await under.connect()]);
            for (const [index, one] of steps.entries()) {
              await walk.take(one);
              if (index % stepsBetween === 0) await compareAll(walk);
            }
            await compareAll(walk);
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
function toParameters({ FC_SEED: seed, FC_NUM_RUNS: runs }: NodeJS.ProcessEnv): fc.Parameters<[Step[]]> {
  return { numRuns: Number(runs ?? 25), ...(seed && { seed: Number(seed) }) };
}

async function compareAll(walk: StoreWalk): Promise<void> {
  const all = [...walk.requests.values()];
  const lists = organizations.flatMap((organizationId) => {
    const own = all.filter((request) => request.organizationId === organizationId);
    return [
      { organizationId, own },
      ...requestStatuses.map((status) => ({ organizationId, own, status })),
      ...models.map((model) => ({ organizationId, own, model })),
    ];
  });
  await Promise.all([
    ...all.map((request) => compareRequest(walk, request)),
    ...lists.map((expected) => compareList(walk, expected)),
  ]);
}

async function compareRequest({ store, events }: StoreWalk, expected: ModelRequest): Promise<void> {
  const { id, organizationId } = expected;
  const history = await events.ofRequest(organizationId, id, { after: 0, limit: 1_000 });
  expect(history.reduce<string | undefined>((status, { moment }) => toStatus(moment) ?? status, undefined)).toBe(
    expected.status,
  );
  expect(await store.find(organizationId, id)).toMatchObject(expected.toRow());
  const log = await store.attempts(organizationId, id);
  const lines = log.map(({ number, imageIndex, sentAt, result, costMicros, isPossiblyBilled }) => [
    `${number}/${imageIndex}`,
    { isSent: sentAt !== undefined, result, costMicros, isPossiblyBilled },
  ]);
  const own = [...expected.lines].map(([key, { isSent, result, costMicros, isPossiblyBilled }]) => [
    key,
    { isSent, result, costMicros, isPossiblyBilled },
  ]);
  expect(lines).toEqual(own.sort(([a = ''], [b = '']) => (a < b ? -1 : 1)));
}

interface Expected {
  readonly organizationId: string;
  readonly own: readonly ModelRequest[];
  readonly status?: (typeof requestStatuses)[number];
  readonly model?: string;
}

async function compareList({ store }: StoreWalk, { own, ...filter }: Expected): Promise<void> {
  const fitting = own.filter(
    (request) =>
      request.status === (filter.status ?? request.status) && request.model === (filter.model ?? request.model),
  );
  const newestFirst = fitting
    .map((request) => request.id)
    .sort()
    .reverse();
  const page = await store.list({ ...filter, limit: 3 });
  const ids = page.requests.map((request) => request.id);
  expect({ ids, total: page.total, nextCursor: page.nextCursor }).toEqual({
    ids: newestFirst.slice(0, 3),
    total: fitting.length,
    nextCursor: fitting.length > 3 ? newestFirst[2] : undefined,
  });
}
