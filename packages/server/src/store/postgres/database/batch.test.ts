import { describe, expect, it } from 'vitest';
import { OutcomeUnknownError } from '../../store-errors.ts';
import { Batch } from './batch.ts';

/** Doubles numbers, and records which ones came together; `fail` may throw for a batch. */
function createDoubler(fail: (items: readonly number[]) => Error | undefined = () => undefined) {
  const batches: (readonly number[])[] = [];
  const batch = new Batch<number, number>({
    run: async (items) => {
      batches.push(items);
      await new Promise(setImmediate);
      const error = fail(items);
      if (error) throw error;
      return items.map((item) => 2 * item);
    },
    keyOf: (item) => String(item % 100),
    weightOf: (item) => (item >= 1_000 ? 200 : 1),
  });
  return { batch, batches };
}

describe('a batch', () => {
  it('holds what arrives in one turn, and then what arrives while it is under way', async () => {
    const { batch, batches } = createDoubler();
    const first = [1, 2, 3].map((item) => batch.add(item));
    await new Promise(setImmediate);
    const second = [4, 5].map((item) => batch.add(item));
    expect(await Promise.all([...first, ...second])).toEqual([2, 4, 6, 8, 10]);
    expect(batches).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
  });

  it('has one item of a key; the next one follows, in order', async () => {
    const { batch, batches } = createDoubler();
    await Promise.all([1, 101, 2, 201].map((item) => batch.add(item)));
    expect(batches).toEqual([[1, 2], [101], [201]]);
  });

  it('is never heavier than allowed, unless a single item is', async () => {
    const { batch, batches } = createDoubler();
    await Promise.all([1_000, 1_001, 2].map((item) => batch.add(item)));
    expect(batches).toEqual([[1_000, 2], [1_001]]);
  });

  it('that fails rejects the item at fault, and does the others', async () => {
    const { batch } = createDoubler((items) => (items.includes(2) ? new Error('not this one') : undefined));
    const results = await Promise.allSettled([1, 2, 3].map((item) => batch.add(item)));
    expect(results).toMatchObject([{ value: 2 }, { reason: { message: 'not this one' } }, { value: 6 }]);
  });

  it('is never repeated when it may already be kept', async () => {
    const { batch, batches } = createDoubler(() => new OutcomeUnknownError('The line was cut.'));
    const results = await Promise.allSettled([1, 2].map((item) => batch.add(item)));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(batches).toEqual([[1, 2]]);
  });

  it('is finished by a close, which refuses later items', async () => {
    const { batch } = createDoubler();
    const added = Promise.all([1, 101, 2].map((item) => batch.add(item)));
    await batch.close();
    expect(await added).toEqual([2, 202, 4]);
    await expect(batch.add(3)).rejects.toThrow('closed');
  });
});
