import { describe, expect, it } from 'vitest';
import { toBounds, toGallerySearch } from './gallery-search.ts';

describe("the gallery's address", () => {
  it('keeps valid filters and nothing else', () => {
    const search = { model: 'm', status: 'failed', text: 'a kite', from: '2026-11-01', to: '2026-11-30', request: 'r' };
    expect(toGallerySearch({ ...search, other: 'x' })).toEqual(search);
  });

  it('leaves out what is not a filter', () => {
    expect(
      toGallerySearch({ model: '', status: 'done', text: '', from: 'today', to: '2026-13-01', request: 7 }),
    ).toEqual({});
  });

  it('treats a number as text, and cuts the text to the length that the server accepts', () => {
    expect(toGallerySearch({ text: 4711 })).toEqual({ text: '4711' });
    expect(toGallerySearch({ text: 'x'.repeat(300) }).text).toHaveLength(200);
  });

  it('includes the whole last day, in the reader’s time zone', () => {
    const { createdFrom, createdBefore } = toBounds({ from: '2026-02-28', to: '2026-02-28' });
    expect(createdFrom).toBe(new Date(2026, 1, 28).getTime() / 1_000);
    expect(createdBefore).toBe(new Date(2026, 2, 1).getTime() / 1_000);
    expect(toBounds({})).toEqual({});
  });
});
