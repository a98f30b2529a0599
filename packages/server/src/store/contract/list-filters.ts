import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { toIdPrefix } from '../../platform/ids.ts';
import { maxLookedAt } from '../lists/text-filter.ts';
import type { ListQuery } from '../request-store.ts';
import { submitOne } from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

export function describeListFilters(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  const readPage = (query: Partial<ListQuery>) =>
    test.current.store.list({ organizationId: 'org-a', limit: 10, ...query });

  async function listIds(query: Partial<ListQuery>): Promise<readonly string[]> {
    return (await readPage(query)).requests.map(({ id }) => id);
  }

  describe('list by date', () => {
    const noon = 1_761_739_200_000;

    /** Created at this time, as the `nth` of its millisecond. */
    const submitAt = (ms: number, { nth = 0, model = 'model-1' } = {}) =>
      submitOne(test.current.store, { id: `${toIdPrefix(ms)}-7${nth}00-8000-000000000000`, model });

    it('includes the first bound and excludes the second, to the millisecond', async () => {
      await submitAt(noon - 1, { nth: 9 });
      const first = await submitAt(noon);
      const second = await submitAt(noon, { nth: 5 });
      const third = await submitAt(noon + 999);
      await submitAt(noon + 1_000);
      const day = { createdFrom: noon, createdBefore: noon + 1_000 };
      expect(await listIds(day)).toEqual([third, second, first]);
      expect(await listIds({ createdBefore: noon + 1 })).toHaveLength(3);
      expect(await listIds({ createdFrom: noon + 999 })).toHaveLength(2);
      expect(await listIds({ createdFrom: noon + 1_001 })).toEqual([]);
      expect(await listIds({ createdFrom: noon, createdBefore: noon })).toEqual([]);
    });

    it('can be combined with the other filters, an offset and a cursor, and does not change the total', async () => {
      const ids = [];
      for (let hour = 0; hour < 6; hour += 1)
        ids.unshift(await submitAt(noon + hour * 3_600_000, { model: `model-${1 + (hour % 2)}` }));
      const [, d, c, b, a] = ids;
      const dates = { createdFrom: noon + 3_600_000, createdBefore: noon + 5 * 3_600_000 };
      expect(await readPage({ ...dates, limit: 3 })).toMatchObject({ total: 6, nextCursor: b });
      expect(await listIds({ ...dates, offset: 1 })).toEqual([c, b, a]);
      expect(await listIds({ ...dates, cursor: c ?? '' })).toEqual([b, a]);
      expect(await listIds({ ...dates, cursor: ids[0] ?? '' })).toEqual([d, c, b, a]);
      expect(await listIds({ ...dates, model: 'model-2' })).toEqual([c, a]);
      expect(await listIds({ ...dates, status: 'success' })).toEqual([]);
    });
  });

  describe('list by text', () => {
    const submitPrompt = (prompt: string) => submitOne(test.current.store, { payload: JSON.stringify({ prompt }) });

    it('finds a part of the prompt; ASCII letters match in either case, all others only in their own', async () => {
      const owl = await submitPrompt('A snowy OWL\nby Élise');
      await submitPrompt('a fowl’s nest');
      for (const text of ['snowy owl', 'A SNOWY', 'Owl\nby', 'Élise']) expect(await listIds({ text })).toEqual([owl]);
      for (const text of ['élise', 'snowy  owl', 'lighthouse']) expect(await listIds({ text })).toEqual([]);
    });

    it.each(['100%', 'a_b', 'C:\\', '.*', '"quoted"', "it's", '\u0000', '\ud800', '🦉'])(
      'matches %j as plain characters',
      async (text) => {
        await submitPrompt('100 a-b C: anything');
        const id = await submitPrompt(`before ${text} after`);
        expect(await listIds({ text })).toEqual([id]);
      },
    );

    it('looks at the last turn of a conversation, all of its texts and nothing else', async () => {
      const contents = [
        { role: 'user', parts: [{ text: 'a lighthouse' }] },
        { role: 'model', parts: [{ text: 'Here it is.' }] },
        { role: 'user', parts: [{ text: 'Paint it blue,' }, { fileData: { fileUri: 'rose' } }, { text: 'at night.' }] },
      ];
      const payload = JSON.stringify({ prompt: 'an owl', contents });
      const id = await submitOne(test.current.store, { payload });
      for (const text of ['paint it', 'blue,\nat night']) expect(await listIds({ text })).toEqual([id]);
      for (const text of ['owl', 'lighthouse', 'here it is', 'rose', 'contents'])
        expect(await listIds({ text })).toEqual([]);
    });

    it('finds only what matches the other filters and belongs to the organization', async () => {
      const { store } = test.current;
      await submitOne(store, { organizationId: 'org-b' });
      await submitOne(store, { model: 'model-2' });
      const id = await submitOne(store);
      await submitOne(store);
      const text = 'lighthouse';
      expect(await listIds({ text, model: 'model-1', offset: 1 })).toEqual([id]);
      expect(await listIds({ text, cursor: id, model: 'model-1' })).toEqual([]);
      expect(await listIds({ text, status: 'failed' })).toEqual([]);
      expect(await listIds({ text, organizationId: 'org-c' })).toEqual([]);
      expect(await readPage({ text: 'owl' })).toEqual({ requests: [], total: 3, nextCursor: undefined });
    });

    it('continues after the last request that it found, and stops at the end', async () => {
      const owls = [];
      for (const name of ['one', 'two', 'three', 'four']) owls.unshift(await submitPrompt(`owl ${name}`));
      const first = await readPage({ text: 'owl', limit: 3 });
      expect(first).toMatchObject({ nextCursor: owls[2] });
      expect(first.requests.map(({ id }) => id)).toEqual(owls.slice(0, 3));
      const last = await readPage({ text: 'owl', limit: 3, cursor: first.nextCursor ?? '' });
      expect(last).toMatchObject({ requests: [{ id: owls[3] }], nextCursor: undefined });
      expect(await readPage({ text: 'owl', limit: 4 })).toMatchObject({ nextCursor: undefined });
    });

    it('searches a bounded number of requests in a call, and finds older ones in the next', async () => {
      const owl = await submitPrompt('owl');
      for (let left = maxLookedAt + 1; left > 0; ) {
        const size = Math.min(left, 500);
        await Promise.all(Array.from({ length: size }, () => submitOne(test.current.store)));
        left -= size;
      }
      const first = await readPage({ text: 'owl' });
      expect(first.requests).toEqual([]);
      const passed = await readPage({ limit: maxLookedAt });
      expect(first.nextCursor).toBe(passed.requests.at(-1)?.id);
      expect(await listIds({ text: 'owl', cursor: first.nextCursor ?? '' })).toEqual([owl]);
    });

    it('searches fewer requests when they are large, but always makes progress', async () => {
      const owl = await submitPrompt(`${' '.repeat(5_000_000)} owl`);
      for (let count = 0; count < 2; count += 1) await submitPrompt(' '.repeat(5_000_000));
      const first = await readPage({ text: 'owl' });
      expect(first).toMatchObject({ requests: [], nextCursor: expect.any(String) });
      expect(await listIds({ text: 'owl', cursor: first.nextCursor ?? '' })).toEqual([owl]);
    });

    it('lets other work run while it searches', async () => {
      await Promise.all(Array.from({ length: 500 }, () => submitOne(test.current.store)));
      const searched = listIds({ text: 'owl' });
      let turns = 0;
      const count = async () => {
        for (; ; turns += 1) if ((await Promise.race([searched, setImmediate('still')])) !== 'still') return;
      };
      await count();
      expect(turns).toBeGreaterThan(3);
    });
  });
}
