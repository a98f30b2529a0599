import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventStore } from '../event-store.ts';
import type { RequestStore } from '../request-store.ts';
import { claimMany, claimOne, start, submitOne, toNewRequest } from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

const organizations = ['org-a', 'org-b', 'org-c', 'org-d'] as const;

const submit = fc.record({ organizationId: fc.constantFrom(...organizations), priority: fc.nat({ max: 2 }) });
const queue = fc.record({
  first: fc.array(submit, { maxLength: 12 }),
  /** How many requests have been claimed in between, so that turns differ. */
  claimed: fc.nat({ max: 8 }),
  later: fc.array(submit, { maxLength: 24 }),
});

interface Queued {
  readonly id: string;
  readonly organizationId: string;
}

async function submitAll(
  store: RequestStore,
  requests: readonly { readonly organizationId: string; readonly priority: number }[],
): Promise<readonly Queued[]> {
  return Promise.all(
    requests.map(async (one) => ({ id: await submitOne(store, one), organizationId: one.organizationId })),
  );
}

export function describePositions(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  describe('position', () => {
    it('is the number of claims that come before, whatever is queued and whichever organization was served', async () => {
      const { store, events } = test.current;
      const numRuns = Number(process.env['FC_NUM_RUNS'] ?? 25);
      await fc.assert(
        fc.asyncProperty(queue, async ({ first, claimed, later }) => {
          await claimMany(store, 100);
          const all = await submitAll(store, first);
          const gone = (await claimMany(store, claimed)).map(({ request }) => request.id);
          const queued = [...all, ...(await submitAll(store, later))].filter(({ id }) => !gone.includes(id));
          const positions = await readPositions(events, queued);
          const order = (await claimMany(store, 100)).map(({ request }) => request.id);
          expect(positions).toEqual(new Map(order.map((id, index) => [id, index])));
        }),
        { numRuns },
      );
    }, 60_000);

    it('is undefined for a request that is not queued, not due, or of another organization', async () => {
      const { store, events } = test.current;
      const id = await submitOne(store);
      expect(await events.position('org-a', id)).toBe(0);
      expect(await events.position('org-b', id)).toBeUndefined();
      const { lease } = await claimOne(store);
      expect(await events.position('org-a', id)).toBeUndefined();
      const verdict = { kind: 'retry', availableAt: start + 5_000, code: 'upstream_overloaded' } as const;
      await store.settle({ lease, ends: [], verdict, now: start });
      expect(await events.position('org-a', id)).toBeUndefined();
    });

    it('does not count requests of other models, which do not delay it', async () => {
      const { store, events } = test.current;
      await submitOne(store, { model: 'model-2' });
      await submitOne(store, { model: 'model-2', organizationId: 'org-b' });
      expect(await events.position('org-a', await submitOne(store))).toBe(0);
    });

    it('is exact near both ends of a long lane, and in between no further off than the lane is uneven', async () => {
      const { store, events } = test.current;
      const requests = Array.from({ length: 2_600 }, (_, index) => toNewRequest({ createdAt: start + index }));
      await Promise.all(requests.map((request) => store.submit(request)));
      const places = [0, 999, 1_000, 1_300, 1_599, 1_600, 2_599];
      const positions = await Promise.all(places.map((place) => events.position('org-a', requests[place]?.id ?? '')));
      expect(positions).toEqual([0, 999, 1_000, 1_301, 1_599, 1_600, 2_599]);
    }, 20_000);
  });
}

async function readPositions(events: EventStore, queued: readonly Queued[]): Promise<ReadonlyMap<string, unknown>> {
  const found = await Promise.all(
    queued.map(async ({ id, organizationId }) => [id, await events.position(organizationId, id)] as const),
  );
  return new Map(found);
}
