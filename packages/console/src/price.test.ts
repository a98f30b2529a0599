import { describe, expect, it } from 'vitest';
import { estimateDollars } from './price.ts';

const prices = {
  currency: 'USD',
  unit: 'micro-dollars',
  per_image: { '1K': 134_400, '2K': 134_400, '4K': 240_000 },
  per_reference: 1_120,
  per_token: { prompt: 2, text: 12, image: 120 },
  as_of: '2026-06',
  source: 'A price page.',
} as const;

describe('the cost before sending', () => {
  it('is the price of the size for each picture', () => {
    expect(estimateDollars(prices, { size: '2K', count: 1, references: 0 })).toBeCloseTo(0.1344);
    expect(estimateDollars(prices, { size: '4K', count: 3, references: 0 })).toBeCloseTo(0.72);
  });

  it('counts the references once for each picture, since each picture is one call', () => {
    expect(estimateDollars(prices, { size: '1K', count: 2, references: 3 })).toBeCloseTo(2 * (0.1344 + 3 * 0.00112));
  });

  it('is not shown where the prices do not name the size', () => {
    expect(estimateDollars(prices, { size: '8K', count: 1, references: 0 })).toBeUndefined();
  });
});
