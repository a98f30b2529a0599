import { describe, expect, it } from 'vitest';
import { createRequestId } from '../../platform/ids.ts';
import { beginOne, picture, submitOne, toCallEnd } from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

/** What those ask who clean up behind processes that died. */
export function describeLookups(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  describe('exists', () => {
    it('knows every kept request, whosever it is, and no other', async () => {
      const { store } = test.current;
      const id = await submitOne(store, { organizationId: 'org-b' });
      expect(await store.exists(id)).toBe(true);
      expect(await store.exists(createRequestId())).toBe(false);
    });
  });

  describe('hasAnswer', () => {
    it('knows calls whose answer was recorded, and no others', async () => {
      const { store } = test.current;
      const { lease } = await beginOne(store, [0, 1]);
      const { requestId, attempt } = lease;
      const has = (imageIndex: number) => store.hasAnswer({ requestId, attempt, imageIndex });
      expect(await has(0)).toBe(false);
      const answer = { parts: [{ kind: 'picture', picture }] } as const;
      const refused = toCallEnd({ imageIndex: 1, result: 'failed', costMicros: 0 });
      await store.endCalls(lease, [toCallEnd({ answer }), refused]);
      expect(await Promise.all([has(0), has(1), has(2)])).toEqual([true, false, false]);
      expect(await store.hasAnswer({ requestId, attempt: attempt + 1, imageIndex: 0 })).toBe(false);
    });
  });
  describe('pictures', () => {
    it('are found by their name, whosever they are, and listed by it', async () => {
      const { store } = test.current;
      const names = ['b.png', 'a.png', 'c.png'];
      for (const name of names) {
        const { lease } = await beginOne(store);
        const parts = [{ kind: 'picture', picture: { ...picture, name } }] as const;
        await store.endCalls(lease, [toCallEnd({ answer: { parts } })]);
      }
      expect(await store.findPicture('b.png')).toEqual({ ...picture, name: 'b.png' });
      expect(await store.findPicture('d.png')).toBeUndefined();
      const namesOf = (pictures: readonly { readonly name: string }[]) => pictures.map(({ name }) => name);
      expect(namesOf(await store.listPictures({ limit: 2 }))).toEqual(['a.png', 'b.png']);
      expect(namesOf(await store.listPictures({ after: 'b.png', limit: 2 }))).toEqual(['c.png']);
      expect(await store.listPictures({ after: 'c.png', limit: 2 })).toEqual([]);
    });
  });
}
