import { describe, expect, it } from 'vitest';
import { toBounds, toGallerySearch } from './gallery-search.ts';

describe("the gallery's address", () => {
  it('keeps what it can say, and nothing else', () => {
    const search = { model: 'm', status: 'failed', text: 'a kite', from: '2026-11-01', to: '2026-11-30', request: 'r' };
    expect(toGallerySearch({ ...search, other: 'x' })).toEqual(search);
  });

  it('leaves out what is no filter', () => {
    expect(
      toGallerySearch({ model: '', status: 'done', text: '', from: 'today', to: '2026-13-01', request: 7 }),
    ).toEqual({});
  });

  it('looks for a number as for any text, and for no more than the server takes', () => {
    expect(toGallerySearch({ text: 4711 })).toEqual({ text: '4711' });
    expect(toGallerySearch({ text: 'x'.repeat(300) }).text).toHaveLength(200);
  });

  it('counts the last day whole, by the reader’s own midnights', () => {
    const { createdFrom, createdBefore } = toBounds({ from: '2026-02-28', to: '2026-02-28' });
    expect(createdFrom).toBe(new Date(2026, 1, 28).getTime() / 1_000);
    expect(createdBefore).toBe(new Date(2026, 2, 1).getTime() / 1_000);
    expect(toBounds({})).toEqual({});
  });
});
