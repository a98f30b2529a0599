import { describe, expect, it } from 'vitest';
import { readPages } from './pages.ts';
import { createReferencePages } from './reference-pages.ts';

const pages = readPages();

describe('the reference', () => {
  it.each([...createReferencePages()])('%s says what the code says', (page, text) => {
    expect(pages.get(page) === text, `${page} is not what the code says: run npm run docs`).toBe(true);
  });

  it('has no page that is not generated', () => {
    const written = [...pages.keys()].filter((page) => page.startsWith('docs/reference/'));
    const made = [...createReferencePages().keys()].filter((page) => page.startsWith('docs/reference/'));
    expect(written.sort()).toEqual(made.sort());
  });
});
