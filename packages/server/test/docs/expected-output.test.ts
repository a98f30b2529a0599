import { describe, expect, it } from 'vitest';
import { fitsJson, fitsText } from './expected-output.ts';

describe('the output that a page shows', () => {
  it.each([
    ['a.png\n', 'a.png'],
    ['NAME   COST\nshop   $5.00\n', 'NAME COST\nshop $…'],
    ['first\nmore\nlast\n', 'first\n…\nlast'],
    ['first\nlast\n', 'first\n…\nlast'],
    ['first\nmore\n', 'first\n…'],
  ])('fits %j', (printed, expected) => {
    expect(fitsText(printed, expected)).toBe(true);
  });

  it.each([
    ['a.jpg\n', 'a.png'],
    ['a.png\nb.png\n', '….png'],
    ['first\nmore\nlast\n', 'first\nlast'],
    ['first\n', 'first\nlast'],
    ['axpng\n', 'a.png'],
  ])('does not fit %j when it is %j', (printed, expected) => {
    expect(fitsText(printed, expected)).toBe(false);
  });

  it('fits an answer with more keys', () => {
    const answer = { status: 'queued', at: 1_800_000_000, urls: [{ id: '0', url: 'http://a/b.png' }, 'x'], cost: null };
    expect(fitsJson(answer, { at: 1_700_000_000, urls: [{ url: 'http://…/….png' }, '…'], cost: '…' })).toBe(true);
  });

  it.each([
    [{ status: 'failed' }],
    [{ urls: [] }],
    [{ urls: ['a', 'b'] }],
    [{ at: 5 }],
    [{ missing: '…' }],
    [{ status: { kind: 'queued' } }],
  ])('does not fit an answer without %j', (expected) => {
    expect(fitsJson({ status: 'queued', urls: ['a'], at: 1_800_000_000 }, expected)).toBe(false);
  });
});
