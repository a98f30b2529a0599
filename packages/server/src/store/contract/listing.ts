import { describe, expect, it } from 'vitest';
import { maxPageSize } from '../lists/request-page.ts';
import type { ListQuery, RequestPage, RequestStore } from '../request-store.ts';
import { claimOne, start, submitOne, successOutcome } from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

export function describeListing(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  async function list(query: Partial<ListQuery>) {
    const { requests, total, nextCursor } = await test.current.store.list({
      organizationId: 'org-a',
      limit: 10,
      ...query,
    });
    return { ids: requests.map((request) => request.id), total, hasMore: nextCursor !== undefined };
  }

  /** Five requests, oldest first: model-1, model-2, model-1, model-2, model-1; the first one has succeeded. */
  async function submitFive(store: RequestStore): Promise<readonly string[]> {
    const ids: string[] = [];
    for (const model of ['model-1', 'model-2', 'model-1', 'model-2', 'model-1']) {
      ids.push(await submitOne(store, { model }));
    }
    const { lease } = await claimOne(store);
    const verdict = { kind: 'succeed', outcome: successOutcome } as const;
    await store.settle({ lease, ends: [], verdict, now: start + 1 });
    return ids;
  }

  describe('list', () => {
    it('lists the newest first and says whether there are more', async () => {
      const ids = await submitFive(test.current.store);
      const newestFirst = ids.toReversed();
      expect(await list({})).toEqual({ ids: newestFirst, total: 5, hasMore: false });
      expect(await list({ limit: 2 })).toEqual({ ids: newestFirst.slice(0, 2), total: 5, hasMore: true });
      expect(await list({ limit: 5 })).toEqual({ ids: newestFirst, total: 5, hasMore: false });
    });

    it('continues after an offset and after a cursor', async () => {
      const newestFirst = (await submitFive(test.current.store)).toReversed();
      const cursor = newestFirst[2] ?? '';
      expect(await list({ offset: 3 })).toEqual({ ids: newestFirst.slice(3), total: 5, hasMore: false });
      expect(await list({ offset: 9 })).toEqual({ ids: [], total: 5, hasMore: false });
      expect(await list({ cursor, limit: 1 })).toEqual({ ids: [newestFirst[3]], total: 5, hasMore: true });
    });

    it('filters by model, status and both, each with its total', async () => {
      const [a, b, c, d, e] = await submitFive(test.current.store);
      expect(await list({ model: 'model-1' })).toEqual({ ids: [e, c, a], total: 3, hasMore: false });
      expect(await list({ status: 'queued' })).toEqual({ ids: [e, d, c, b], total: 4, hasMore: false });
      expect(await list({ model: 'model-1', status: 'success' })).toEqual({ ids: [a], total: 1, hasMore: false });
      expect(await list({ status: 'queued', limit: 2, offset: 1 })).toEqual({ ids: [d, c], total: 4, hasMore: true });
      expect(await list({ status: 'queued', cursor: d ?? '' })).toEqual({ ids: [c, b], total: 4, hasMore: false });
    });

    it('lists nothing for a model or a status that no request has', async () => {
      await submitFive(test.current.store);
      const nothing = { ids: [], total: 0, hasMore: false };
      expect(await list({ model: 'model-3' })).toEqual(nothing);
      expect(await list({ status: 'cancelled' })).toEqual(nothing);
    });

    it("lists and counts only the organization's own requests", async () => {
      await submitFive(test.current.store);
      const own = await submitOne(test.current.store, { organizationId: 'org-b' });
      expect(await list({ organizationId: 'org-b' })).toEqual({ ids: [own], total: 1, hasMore: false });
      expect(await list({ organizationId: 'org-c' })).toEqual({ ids: [], total: 0, hasMore: false });
    });

    it('ends a page of large requests early, and continues with the next: a list never holds them all', async () => {
      const { store } = test.current;
      const ids: string[] = [];
      for (let index = 0; index < 5; index += 1) {
        const prompt = 'a'.repeat(index === 2 ? 3 * maxPageSize : 0.4 * maxPageSize);
        ids.unshift(await submitOne(store, { payload: JSON.stringify({ prompt }) }));
      }
      const pages: (readonly string[])[] = [];
      for (let cursor: string | undefined = '~'; cursor !== undefined; ) {
        const page: RequestPage = await store.list({ organizationId: 'org-a', limit: 4, cursor });
        expect(page.total).toBe(5);
        pages.push(page.requests.map(({ id }) => id));
        cursor = page.nextCursor;
      }
      expect(pages).toEqual([ids.slice(0, 3), ids.slice(3)]);
    });

    it('lists whole records, the same as find gives', async () => {
      const { store } = test.current;
      const [id = ''] = await submitFive(store);
      const { requests } = await store.list({ organizationId: 'org-a', limit: 1, status: 'success' });
      expect(requests).toEqual([await store.find('org-a', id)]);
      expect(requests[0]?.outcome).toEqual(successOutcome);
    });
  });
}
