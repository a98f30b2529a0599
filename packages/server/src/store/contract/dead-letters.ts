import { describe, expect, it } from 'vitest';
import type { FailureCode } from '../../core/failures.ts';
import type { FailedQuery, RequestStore } from '../request-store.ts';
import { claimOne, start, submitOne } from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

export function describeDeadLetters(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  async function failOne(store: RequestStore, code: FailureCode, organizationId = 'org-a'): Promise<string> {
    const id = await submitOne(store, { organizationId });
    const { lease } = await claimOne(store);
    const verdict = { kind: 'fail', outcome: { kind: 'failure', failure: { code, message: 'It failed.' } } } as const;
    await store.settle({ lease, ends: [], verdict, now: start });
    return id;
  }

  async function listFailed(query: Partial<FailedQuery> = {}) {
    const { requests, nextCursor } = await test.current.store.listFailed({ limit: 10, ...query });
    return { ids: requests.map(({ id }) => id), hasMore: nextCursor !== undefined };
  }

  /** Oldest first. */
  async function failFour(): Promise<readonly string[]> {
    const { store } = test.current;
    return [
      await failOne(store, 'prompt_blocked'),
      await failOne(store, 'upstream_timeout', 'org-b'),
      await failOne(store, 'prompt_blocked', 'org-b'),
      await failOne(store, 'upstream_timeout'),
    ];
  }

  describe('listFailed', () => {
    it('lists the failed requests of all organizations and codes, newest first, page by page', async () => {
      const newestFirst = (await failFour()).toReversed();
      await submitOne(test.current.store);
      expect(await listFailed()).toEqual({ ids: newestFirst, hasMore: false });
      expect(await listFailed({ limit: 3 })).toEqual({ ids: newestFirst.slice(0, 3), hasMore: true });
      const cursor = newestFirst[2] ?? '';
      expect(await listFailed({ limit: 3, cursor })).toEqual({ ids: newestFirst.slice(3), hasMore: false });
    });

    it('filters by code, organization and both', async () => {
      const [a, b, c, d] = await failFour();
      expect(await listFailed({ code: 'prompt_blocked' })).toEqual({ ids: [c, a], hasMore: false });
      expect(await listFailed({ organizationId: 'org-a' })).toEqual({ ids: [d, a], hasMore: false });
      expect(await listFailed({ organizationId: 'org-b', limit: 1 })).toEqual({ ids: [c], hasMore: true });
      const both = { code: 'upstream_timeout', organizationId: 'org-b' } as const;
      expect(await listFailed(both)).toEqual({ ids: [b], hasMore: false });
      expect(await listFailed({ code: 'no_image' })).toEqual({ ids: [], hasMore: false });
    });

    it('lists whole records, the same as find gives', async () => {
      const { store } = test.current;
      const id = await failOne(store, 'prompt_blocked');
      expect((await store.listFailed({ limit: 1 })).requests).toEqual([await store.find('org-a', id)]);
    });

    it('lists a request whose deadline has come under the code of its verdict', async () => {
      const { store } = test.current;
      const id = await submitOne(store, { deadlineAt: start + 1 });
      const failure = { code: 'deadline_exceeded', message: 'It was not done in time.' } as const;
      const decide = () => ({ kind: 'fail', outcome: { kind: 'failure', failure } }) as const;
      await store.expire({ now: start + 1, limit: 9, decide });
      expect(await listFailed({ code: 'deadline_exceeded' })).toEqual({ ids: [id], hasMore: false });
    });

    it('no longer lists a request that was queued again', async () => {
      const { store } = test.current;
      const id = await failOne(store, 'prompt_blocked');
      await store.requeue([id], start + 5);
      expect(await listFailed()).toEqual({ ids: [], hasMore: false });
    });
  });
}
