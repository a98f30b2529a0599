import { describe, expect, it } from 'vitest';
import { estimateDollars } from './price.ts';

const details = 'For input, $0.0011 per image. For output, $0.134 per 1K/2K image and $0.24 per 4K image';

describe('the cost before sending', () => {
  it('is the price of the size for each picture', () => {
    expect(estimateDollars(details, { size: '2K', count: 1, references: 0 })).toBeCloseTo(0.134);
    expect(estimateDollars(details, { size: '4K', count: 3, references: 0 })).toBeCloseTo(0.72);
  });

  it('counts the references once for each picture, since each is a call of its own', () => {
    expect(estimateDollars(details, { size: '1K', count: 2, references: 3 })).toBeCloseTo(2 * (0.134 + 3 * 0.0011));
  });

  it('is not told where the sentence does not name the size', () => {
    expect(estimateDollars('Ask us.', { size: '1K', count: 1, references: 0 })).toBeUndefined();
  });
});
